// The site on any static host, below any path.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { accessibilityFaults, address, browserTests, started } from "../e2e/page.mjs";
import { filesOf, site } from "./forms.mjs";

const files = filesOf(site);
const pages = files.filter((path) => path.endsWith(".html") && path !== "404.html");

test("every link and file that a page names is there, whatever path the site has", () => {
  const known = new Set(files);
  for (const page of pages) {
    const html = readFileSync(join(site, page), "utf8");
    for (const [, target] of html.matchAll(/(?:href|src)="([^"]*)"/g)) {
      const [path] = target.split("#");
      if (/^(https?|mailto|data):/.test(target) || path === "") continue;
      assert.doesNotMatch(path, /^\//, `${page} names ${target} from the host's root`);
      const file = join(dirname(page), path.endsWith("/") ? `${path}index.html` : path);
      assert.ok(known.has(file === "." ? "index.html" : file), `${page} names ${target}`);
    }
  }
});

test("there is a page for each lesson and each rule, with a script in none of them", () => {
  const lessons = pages.filter((path) => /^lessons\/[^/]+\/index\.html$/.test(path));
  const rules = pages.filter((path) => /^rules\/[^/]+\/index\.html$/.test(path));
  assert.ok(lessons.length >= 13, `${lessons.length} lessons`);
  assert.ok(rules.length >= 60, `${rules.length} rules`);
  for (const page of [...lessons, ...rules]) {
    assert.doesNotMatch(readFileSync(join(site, page), "utf8"), /<script|<style|style=/, page);
  }
});

test("compressed copies stand beside every file that gets smaller, and unpack to it", () => {
  const worth = files.filter((path) => /\.(html|js|css|wasm|bin|webmanifest)$/.test(path));
  for (const path of worth) {
    const bytes = readFileSync(join(site, path));
    if (bytes.length <= 256) continue;
    assert.deepEqual(brotliDecompressSync(readFileSync(join(site, `${path}.br`))), bytes, path);
    assert.deepEqual(gunzipSync(readFileSync(join(site, `${path}.gz`))), bytes, path);
  }
});

test("every file but those that must keep their names has its content's hash in its name", () => {
  const fixed = /(^|\/)(index|404|embed)\.html$|^(manifest\.webmanifest|sw\.js|element\.js|upgrade\.js)$/;
  for (const path of files.filter((path) => !/\.(br|gz)$/.test(path) && !fixed.test(path))) {
    assert.match(path, /-[0-9A-Za-z]{8,}(_bg)?\.[a-z0-9]+$/, path);
  }
});

browserTests((pageTest) => {
  pageTest(
    "a lesson and a rule can be read without JavaScript",
    async (page) => {
      await page.goto(`${address}lessons/install-before-you-copy/`);
      assert.match(await page.locator("h1").textContent(), /\w/);
      assert.ok((await page.locator(".tok-keyword").count()) > 3);
      await page.goto(`${address}rules/`);
      await page.getByRole("link", { name: "stage-name-casing" }).click();
      await page.getByRole("heading", { name: "stage-name-casing" }).waitFor();
      assert.equal(
        await page.getByRole("link", { name: "Open it in the playground" }).getAttribute("href"),
        "../../#/rule/stage-name-casing",
      );
    },
    { goto: false, javaScriptEnabled: false },
  );

  pageTest(
    "pages without JavaScript are well formed for all readers, and lead to the playground",
    async (page) => {
      for (const path of ["lessons/", "lessons/what-you-send/", "rules/stage-name-casing/"]) {
        await page.goto(address + path);
        assert.deepEqual(await accessibilityFaults(page), [], path);
      }
      await page.goto(`${address}lessons/what-you-send/`);
      await page.getByRole("link", { name: "Open it in the playground" }).click();
      await started(page);
      await page.waitForFunction(() => document.querySelector(".bar__pick select")?.value === "what-you-send");
    },
    { goto: false },
  );

  pageTest(
    "the first analysis comes after at most 8 requests, all of them to the site itself",
    async (page) => {
      await page.addInitScript(() => {
        new MutationObserver((_, observer) => {
          if (!document.querySelector(".node.is-stage")) return;
          globalThis.analysed = performance.now();
          observer.disconnect();
        }).observe(document, { childList: true, subtree: true });
      });
      await page.goto(address);
      await page.locator(".node.is-stage").first().waitFor();
      const asked = await page.evaluate(() => {
        const before = performance.getEntriesByType("resource").filter(({ startTime }) => startTime < analysed);
        return [location.href, ...before.map(({ name }) => name)];
      });
      // The icon, which a browser asks for when it likes, may not be among them.
      const icon = asked.some((url) => /icon-/.test(url)) ? 0 : 1;
      assert.ok(asked.length > 5 && asked.length + icon <= 8, asked.join("\n"));
    },
    { goto: false },
  );
});
