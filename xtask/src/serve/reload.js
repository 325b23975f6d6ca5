// Only in a page that `cargo xtask serve` delivers: asks whether a newer build is there, and the
// answer waits until there is one.
const address = new URL("version", import.meta.url);
let seen = 0;
for (;;) {
  try {
    const answer = await fetch(`${address}?${seen}`, { cache: "no-store" });
    const version = Number(await answer.text());
    if (seen !== 0 && version !== seen) location.reload();
    seen = version;
  } catch {
    // The server has stopped; it may come back.
    await new Promise((resolve) => setTimeout(resolve, 2000));
  }
}
