// What is on the desk as a link, and progress as a file.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { accessibilityFaults, address, browserTests, editor, started } from "../e2e/page.mjs";

const links = JSON.parse(readFileSync(new URL("../e2e/links.json", import.meta.url), "utf8"));

/** Waits until the editor shows this. */
const shows = (page, text) =>
  page.waitForFunction((text) => document.querySelector(".cm-content")?.innerText.includes(text), text);

async function write(page, text) {
  await editor(page).click();
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText(text);
}

/** The texts that the dialog offers, by their names. */
async function offered(page) {
  await page.getByRole("button", { name: "Share" }).click();
  await page.getByRole("dialog", { name: "Share" }).waitFor();
  const texts = await page
    .locator(".share__row")
    .evaluateAll((rows) => rows.map((row) => [row.querySelector("label").textContent, row.querySelector("textarea").value]));
  return Object.fromEntries(texts);
}

browserTests((pageTest) => {
  pageTest("a link holds files, lesson and target, and opens as it was left", async (page, { context }) => {
    await started(page);
    await write(page, "FROM alpine:3.20 AS one\nFROM one AS zoë\n");
    await page.locator("#target").selectOption("one");
    const { Link: link } = await offered(page);
    assert.ok(link.startsWith(`${address}#v1/`), link);
    assert.ok(link.length < 2_000);
    assert.deepEqual(await accessibilityFaults(page), []);

    const other = await context.newPage();
    await other.goto(link);
    await started(other);
    await shows(other, "AS zoë");
    assert.equal(await other.locator("#target").inputValue(), "one");
    await other.locator(".notice").getByText("This came by a link").waitFor();
    assert.deepEqual(await accessibilityFaults(other), []);
  });

  pageTest("a link holds the size of a base that was typed, and that no cache is used", async (page, { context }) => {
    await started(page);
    await write(page, "FROM registry.example/base\nRUN make\n");
    const size = (page) => page.getByLabel("Size of registry.example/base");
    await size(page).fill("7.5");
    await size(page).press("Tab");
    const uncached = (page) => page.getByLabel("Run every step");
    await page.locator(".options__summary").click();
    await uncached(page).check();
    const { Link: link } = await offered(page);

    const other = await context.newPage();
    await other.goto(link);
    await started(other);
    await shows(other, "registry.example/base");
    assert.equal(await size(other).inputValue(), "7.5");
    await other.locator(".options__note").getByText("no cache").waitFor();
    await other.locator(".options__summary").click();
    assert.ok(await uncached(other).isChecked());
  });

  pageTest("every link that was ever given away opens", async (page) => {
    await started(page);
    for (const { link, state } of links) {
      await page.goto("about:blank");
      await page.goto(address + link);
      await started(page);
      const [line] = state.dockerfile.split(/\r?\n/);
      await shows(page, line);
      if (state.lesson) assert.equal(await page.locator(".bar__pick select").inputValue(), state.lesson);
      if (state.target) assert.equal(await page.locator("#target").inputValue(), state.target);
    }
  });

  pageTest("a link touches no draft: edits of it are kept apart, and one's own come back", async (page) => {
    await started(page);
    await write(page, "FROM alpine:3.20 AS mine\n");
    await page.locator(".node.is-stage").getByText("mine").waitFor();
    const history = await page.evaluate(() => history.length);
    await page.evaluate((link) => (location.hash = link), links[1].link);
    await shows(page, "FROM golang:1.22 AS build");
    await write(page, "FROM alpine:3.20 AS theirs\n");
    await page.locator(".node.is-stage").getByText("theirs").waitFor();
    await page.reload();
    await started(page);
    await shows(page, "AS theirs");
    await page.getByRole("button", { name: "Back to mine" }).click();
    await shows(page, "AS mine");
    assert.ok((await page.evaluate(() => history.length)) <= history + 2);
    await page.reload();
    await started(page);
    await shows(page, "AS mine");
  });

  pageTest("a damaged or hostile link says so and leaves the draft on the screen", async (page) => {
    await started(page);
    await write(page, "FROM alpine:3.20 AS mine\n");
    await page.locator(".node.is-stage").getByText("mine").waitFor();
    for (const hash of ["#v1/AAAA", "#v9/abc", "#v1/<img src=x onerror=alert(1)>", links[0].link.slice(0, -3)]) {
      await page.evaluate((hash) => (location.hash = hash), hash);
      await page.locator(".notice").getByText(/This link .* What you wrote is here/).waitFor();
      await page.getByRole("button", { name: "Close" }).click();
      await shows(page, "AS mine");
      await page.reload();
      await started(page);
      await page.locator(".notice").getByText(/This link/).waitFor();
      await shows(page, "AS mine");
    }
  });

  pageTest("what a link says never becomes markup", async (page) => {
    await started(page);
    const hostile = "FROM <img src=x onerror=window.hacked=1>\n# </textarea><script>window.hacked=1</script>\nRUN ```\n";
    await write(page, hostile);
    const texts = await offered(page);
    assert.match(texts["For Markdown"], /^````dockerfile\n/);
    assert.doesNotMatch(texts["As an element"], /<img|<\/textarea/);
    await page.goto("about:blank");
    await page.goto(texts.Link);
    await started(page);
    await shows(page, "<img src=x");
    assert.equal(await page.locator("img, script:not([src])").count(), 0);
    assert.equal(await page.evaluate(() => window.hacked), undefined);
  });

  pageTest(
    "the link is copied",
    async (page) => {
      await started(page);
      const { Link: link } = await offered(page);
      await page.getByRole("button", { name: "Copy: Link" }).click();
      await page.getByText("Copied.").waitFor();
      assert.equal(await page.evaluate(() => navigator.clipboard.readText()), link);
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "detached" });
    },
    { permissions: ["clipboard-read", "clipboard-write"] },
  );

  pageTest("progress goes into a file and comes back from it, and replaces nothing unasked", async (page, { context }) => {
    await started(page);
    await write(page, "FROM alpine:3.20 AS mine\n");
    await page.locator(".node.is-stage").getByText("mine").waitFor();
    await page.evaluate(() => (location.hash = "#/lesson/what-you-send"));
    await page.waitForFunction(() => document.querySelector(".bar__pick select")?.value === "what-you-send");
    await write(page, "FROM alpine:3.20 AS second\n");
    await page.locator(".node.is-stage").getByText("second").waitFor();
    const before = await page.evaluate(() => ({ ...localStorage }));
    await page.getByRole("button", { name: "Share" }).click();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Save to a file" }).click(),
    ]);
    const file = await download.path();
    assert.deepEqual(Object.keys(JSON.parse(readFileSync(file, "utf8"))), ["stagecraft", "kept"]);
    await page.keyboard.press("Escape");

    await page.evaluate(() => localStorage.clear());
    await page.goto("about:blank");
    await page.goto(address);
    await started(page);
    await write(page, "FROM alpine:3.20 AS third\n");
    await page.locator(".node.is-stage").getByText("third").waitFor();
    await page.getByRole("button", { name: "Share" }).click();
    await page.locator(".share input[type=file]").setInputFiles({ name: "x.json", mimeType: "application/json", buffer: Buffer.from("{}") });
    await page.getByText("not one that was saved here").waitFor();
    await page.locator(".share input[type=file]").setInputFiles(file);
    await page.getByText("One text here is another one.").waitFor();
    await shows(page, "AS third");
    await page.getByRole("button", { name: "Replace them" }).click();
    await shows(page, "AS second");
    const after = await page.evaluate(() => ({ ...localStorage }));
    for (const [name, text] of Object.entries(before)) assert.equal(after[name], text, name);
  });

  pageTest("two windows do not overwrite each other's draft unseen", async (page, { context }) => {
    await started(page);
    const other = await context.newPage();
    await other.goto(address);
    await started(other);
    await write(other, "FROM alpine:3.20 AS other\n");
    await page.locator(".notice").getByText("changed in another window").waitFor();
    assert.doesNotMatch(await editor(page).innerText(), /AS other/);
    await page.getByRole("button", { name: "Take the other text" }).click();
    await shows(page, "AS other");
    await editor(page).click();
    await page.keyboard.press("Control+z");
    await page.waitForFunction(() => !document.querySelector(".cm-content").innerText.includes("AS other"));
  });

  pageTest(
    "a browser that keeps nothing loses nothing on the screen and says so",
    async (page) => {
      await page.addInitScript(() => {
        Storage.prototype.setItem = () => {
          throw new DOMException("full", "QuotaExceededError");
        };
      });
      await page.goto(address);
      await started(page);
      await write(page, "FROM alpine:3.20 AS kept\n");
      await page.locator(".notice").getByText("does not keep what you write").waitFor();
      await shows(page, "AS kept");
    },
    { goto: false },
  );

  pageTest(
    "where the app stops, the page says so, keeps what is written, and works again after a reload",
    async (page, { faults }) => {
      // The table of functions, of which one that is taken away stops the app like a panic does.
      await page.addInitScript(() => {
        for (const name of ["instantiate", "instantiateStreaming"]) {
          const before = WebAssembly[name];
          WebAssembly[name] = async (...given) => {
            const made = await before(...given);
            const exported = Object.entries((made.instance ?? made).exports);
            globalThis.functions ??= exported.find(([name, it]) => it instanceof WebAssembly.Table && !/externref/.test(name))?.[1];
            return made;
          };
        }
      });
      await page.goto(address);
      await started(page);
      await page.waitForTimeout(1_000);
      await write(page, "FROM alpine:3.20 AS one\n");
      await page.locator(".node.is-stage").getByText("one").waitFor();
      await page.evaluate(() => {
        for (let at = 0; at < functions.length; at++) functions.set(at, null);
      });
      await page.keyboard.type("FROM one AS two\n");
      await page.locator(".notice").getByText("stopped working").waitFor();
      await page.keyboard.type("FROM two AS three");
      await shows(page, "AS three");
      // The editor goes on asking for proposals behind what was typed: until the page is left.
      const isLeft = page.waitForEvent("framenavigated");
      await page.getByRole("button", { name: "Load it again" }).click();
      await isLeft;
      assert.ok(faults.length > 0 && faults.every((fault) => /RuntimeError|null function|table/.test(fault)), faults.join("\n"));
      faults.length = 0;
      await page.locator(".notice").getByText("Your text is kept").waitFor();
      assert.doesNotMatch(await editor(page).innerText(), /AS one/);
      assert.deepEqual(await accessibilityFaults(page), []);
      await write(page, "FROM alpine:3.20 AS later\n");
      await page.getByRole("button", { name: "Take it back" }).click();
      await shows(page, "AS three");
      await editor(page).click();
      await page.keyboard.press("Control+z");
      await shows(page, "AS later");
      await page.keyboard.press("Control+y");
      for (const stage of ["one", "two", "three"]) await page.locator(".node.is-stage").getByText(stage).waitFor();
      await shows(page, "AS three");
      await page.reload();
      await started(page);
      await shows(page, "AS three");
      await page.waitForTimeout(500);
      assert.equal(await page.locator(".notice").count(), 0, "what was taken back is not offered again");
    },
    { goto: false },
  );

  pageTest(
    "what is corrupt in the browser's storage harms nothing",
    async (page) => {
      await page.goto(address);
      await started(page);
      await page.evaluate(() => {
        localStorage.setItem("stagecraft:last", "../<b>");
        localStorage.setItem("stagecraft:theme", "\u0000");
        localStorage.setItem("stagecraft:links", "@ @ , \n");
        localStorage.setItem("stagecraft:stopped", "7 nowhere\n\nx");
        localStorage.setItem("stagecraft:draft:one-image-carries-everything:Dockerfile", "\u0000\ud800FROM");
      });
      await page.reload();
      await started(page);
      await page.locator("#lesson-title").waitFor();
      await page.goto("about:blank");
      await page.goto(address + links[0].link);
      await started(page);
      await shows(page, "FROM alpine:3.20");
    },
    { goto: false },
  );
});
