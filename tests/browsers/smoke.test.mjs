// The least that must work of every build of the page, in a browser that WebDriver drives: what
// `tests/e2e/smoke.test.mjs` asks of Chromium, and a link.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { serve } from "../forms/server.mjs";
import { Browser, keys } from "./driver.mjs";

const place = process.env.STAGECRAFT_PAGE;
/** The page as one file has its parts in it. */
const isFile = place.startsWith("file:");
/** A page alone has no element for pages of others. */
const isSite = !isFile && existsSync(join(place, "element.js"));
const axe = readFileSync(createRequire(new URL("../e2e/page.mjs", import.meta.url)).resolve("axe-core/axe.min.js"), "utf8");

/** Notes what a page must not do; the first script of the page. */
const watch = `window.faults = [];
addEventListener("error", (event) => faults.push("error: " + (event.message ?? event.target?.outerHTML)), true);
addEventListener("unhandledrejection", (event) => faults.push("rejection: " + event.reason));
addEventListener("securitypolicyviolation", (event) => faults.push("policy: " + event.violatedDirective + " " + event.blockedURI));
for (const level of ["error", "warn"]) {
  const say = console[level];
  console[level] = (...words) => { faults.push(level + ": " + words.join(" ")); say(...words); };
}`;

/** A page of somebody. */
const host = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Host</title><script src="./watch.js"></script>
<script src="./element.js" defer></script></head><body><input id="own"><dockerfile-playground><pre><code>FROM alpine:3.20 AS one
</code></pre></dockerfile-playground></body></html>`;

let browser;
let server;
/** What the server waits for before it answers a request for WebAssembly. */
let held;

async function start() {
  held = undefined;
  if (isFile) return place;
  server = await serve(place, {
    prefix: "/somewhere/below/",
    async change(path, bytes) {
      if (path === "watch.js") return watch;
      if (path === "favicon.ico") return "";
      if (path === "host.html") return host;
      if (path.endsWith(".wasm")) await held;
      if (!path.endsWith("index.html") || !bytes) return undefined;
      return bytes.toString().replace("<head>", '<head><script src="./watch.js"></script>');
    },
  });
  return server.address;
}

const started = () => browser.waitFor(() => document.querySelector("#app > *") !== null);
const shows = (text) => browser.waitFor((text) => document.querySelector(".cm-content").innerText.includes(text), text);

async function toEnd() {
  await browser.click(".cm-content");
  await browser.chord(keys.control, keys.end);
}

before(async () => {
  browser = await Browser.start();
  console.log(`# ${browser.version}`);
});
after(() => browser?.stop());

/** A test with the page opened, without a fault at its end. */
function pageTest(name, body, { goto = true, skip = false } = {}) {
  test(name, { timeout: 120_000, skip }, async () => {
    const address = await start();
    try {
      if (goto) {
        await browser.open(address);
        await started();
      }
      await body(address);
      assert.deepEqual(await browser.run(() => window.faults ?? []), [], "the page must stay without a fault");
    } finally {
      await browser.open("about:blank");
      await server?.close();
    }
  });
}

pageTest("the app starts and follows what is typed", async () => {
  const stages = () => browser.run(() => document.querySelectorAll(".node.is-stage").length);
  const before = await stages();
  assert.ok(before > 0);
  await toEnd();
  await browser.type("\nFROM scratch AS zoë");
  await browser.waitFor((before) => document.querySelectorAll(".node.is-stage").length === before + 1, before);
  await shows("FROM scratch AS zoë");
});

pageTest(
  "a first visit has its analysis without the second part of the app, which is fetched once",
  async () => {
    const asked = () => browser.run(() => performance.getEntriesByType("resource").map(({ name }) => name));
    // The tables of packages come last.
    await browser.waitFor(() => performance.getEntriesByType("resource").some(({ name }) => /packages-/.test(name)));
    const parts = (await asked()).filter((name) => /\/rest-\w+\.wasm$/.test(name));
    assert.equal(parts.length, 1, "who needs it at once has it fetched a second time");
  },
  { skip: isFile && "skipped, as the one file has its parts in it" },
);

pageTest(
  "the text can be read and typed into before the app is there, and none of it is lost",
  async (address) => {
    let release;
    held = new Promise((resolve) => (release = resolve));
    await browser.open(address);
    await browser.click(".cm-content");
    await browser.chord(keys.control, keys.home);
    await browser.type("# early\n");
    assert.equal(await browser.run(() => document.querySelectorAll("#app > *").length), 0, "the app must not be there yet");
    release();
    await started();
    await browser.type("# late\n");
    const text = await browser.run(() => document.querySelector(".cm-content").innerText);
    assert.match(text, /^# early\n+# late\n+FROM /, "the cursor and the focus must stay where they were");
  },
  { goto: false, skip: isFile && "skipped, as the one file has its parts in it" },
);

pageTest("styles reach the editor under the page's policy", async () => {
  const [wrap, elements, gutter] = await browser.run(() => [
    getComputedStyle(document.querySelector(".cm-content")).whiteSpace,
    document.querySelectorAll("style").length,
    document.querySelector(".cm-gutters").getBoundingClientRect().width,
  ]);
  assert.match(wrap, /^pre$/);
  assert.equal(elements, isFile ? 1 : 0, "no <style> element but the file's own");
  assert.ok(gutter > 10);
});

pageTest("the page's policy keeps it from asking another host", async () => {
  const asked = await browser.run(() =>
    fetch("http://127.0.0.2:9/").then(
      () => "answered",
      () => "refused",
    ),
  );
  assert.equal(asked, "refused");
  if (isFile) return;
  const faults = await browser.run(() => window.faults.splice(0));
  assert.ok(faults.some((fault) => fault.startsWith("policy: connect-src")), `it was the policy: ${faults}`);
});

pageTest("a loaded page needs no network, and an installed one none to load", async () => {
  const hasWorker = await browser.run(async () => {
    if (!document.querySelector("link[rel=manifest]")) return false;
    await navigator.serviceWorker.ready;
    return true;
  });
  if (server) await server.close();
  await toEnd();
  await browser.type("\nUSER 1");
  await shows("USER 1");
  if (!hasWorker) return;
  await browser.reload();
  await started();
  await shows("USER 1");
});

pageTest("a link holds what is on the desk", async (address) => {
  await toEnd();
  await browser.type("\nFROM scratch AS linked");
  await browser.waitFor(() => [...document.querySelectorAll(".node.is-stage")].some((node) => node.textContent.includes("linked")));
  await browser.run(() => [...document.querySelectorAll("button")].find((button) => button.textContent.trim() === "Share").click());
  await browser.waitFor(() => document.querySelector(".share__row textarea")?.value.includes("#v1/"));
  const link = await browser.run(() => document.querySelector(".share__row textarea").value);
  await browser.open("about:blank");
  await browser.open(isFile ? address + link.slice(link.indexOf("#")) : link);
  await started();
  await shows("AS linked");
  await browser.waitFor(() => document.querySelector(".notice")?.textContent.includes("This came by a link"));
});

pageTest(
  "the element shows a playground in a page of somebody, and takes neither focus nor history",
  async (address) => {
    await browser.open(`${address}host.html`);
    await browser.click("#own");
    const before = await browser.run(() => history.length);
    const stages = (count) =>
      browser.waitFor((count) => document.querySelector("dockerfile-playground").report?.stages.length === count, count);
    await stages(1);
    const height = () => browser.run(() => document.querySelector("dockerfile-playground").getBoundingClientRect().height);
    // It says how high it is once it is drawn, which may be after its first report.
    await browser.waitFor(() => document.querySelector("dockerfile-playground").getBoundingClientRect().height > 200);
    const low = await height();
    const answered = await browser.run(() =>
      document.querySelector("dockerfile-playground").setState({ dockerfile: "FROM scratch AS a\nFROM a AS b\n" + "ENV A=1\n".repeat(40) }),
    );
    assert.equal(answered, true);
    await stages(2);
    await browser.waitFor((low) => document.querySelector("dockerfile-playground").getBoundingClientRect().height > low, low);
    const { dockerfile } = await browser.run(() => document.querySelector("dockerfile-playground").getState());
    assert.match(dockerfile, /^FROM scratch AS a\nFROM a AS b\n/);
    assert.equal(await browser.run(() => history.length), before);
    assert.equal(await browser.run(() => document.activeElement.id), "own");
  },
  { goto: false, skip: isSite ? false : "skipped, as only a site has the element" },
);

pageTest("axe finds nothing wrong", async () => {
  await browser.ask("POST", "/execute/sync", { script: axe, args: [] });
  const faults = await browser.run(async () => {
    const { violations } = await window.axe.run();
    return violations.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${help}: ${node.html}`));
  });
  assert.deepEqual(faults, []);
});
