// Times ours and others in Node.js and in Chromium: `run.mjs FILES PAGE WHOLE BUNDLE BUNDLE_FOR_NODE`,
// where FILES is what `tests/benches/speed.rs` writes, PAGE our module with the rules that the page
// has, and WHOLE the one with all rules. Prints one JSON object.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [filesPath, pagePath, wholePath, bundlePath, nodeBundlePath] = process.argv.slice(2);
const require = createRequire(new URL("../e2e/package.json", import.meta.url));
const { chromium } = require("playwright-core");

const files = JSON.parse(readFileSync(filesPath, "utf8"));
const modules = [pagePath, wholePath].map((path) => readFileSync(path));

const { measure } = await import(pathToFileURL(nodeBundlePath));
const node = await measure(modules, files);

const browser = await chromium.launch({
  executablePath: process.env.STAGECRAFT_CHROMIUM,
  args: process.env.STAGECRAFT_CHROMIUM_ARGUMENTS.split("\n"),
});
const page = await browser.newPage();
await page.addScriptTag({ content: readFileSync(bundlePath, "utf8") });
const inPage = await page.evaluate(
  async ([modules, files]) => {
    const bytes = (base64) => Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
    return globalThis.bench.measure(modules.map(bytes), files);
  },
  [modules.map((module) => module.toString("base64")), files],
);
await browser.close();
console.log(JSON.stringify({ node, page: inPage }));
