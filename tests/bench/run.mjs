// Times ours and others in Node.js and in Chromium: `run.mjs FILES WASM BUNDLE BUNDLE_FOR_NODE`, where
// FILES is what `tests/benches/speed.rs` writes. Prints one JSON object.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [filesPath, wasmPath, bundlePath, nodeBundlePath] = process.argv.slice(2);
const require = createRequire(new URL("../e2e/package.json", import.meta.url));
const { chromium } = require("playwright-core");

const files = JSON.parse(readFileSync(filesPath, "utf8"));
const wasm = readFileSync(wasmPath);

const { measure } = await import(pathToFileURL(nodeBundlePath));
const node = await measure(wasm, files);

const browser = await chromium.launch({
  executablePath: process.env.STAGECRAFT_CHROMIUM,
  args: process.env.STAGECRAFT_CHROMIUM_ARGUMENTS.split("\n"),
});
const page = await browser.newPage();
await page.addScriptTag({ content: readFileSync(bundlePath, "utf8") });
const inPage = await page.evaluate(
  async ([base64, files]) => {
    const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
    return globalThis.bench.measure(bytes, files);
  },
  [wasm.toString("base64"), files],
);
await browser.close();
console.log(JSON.stringify({ node, page: inPage }));
