// The page as one file, opened from a disk.

import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { browserTests, editor, started } from "../e2e/page.mjs";
import { dist } from "./forms.mjs";

const file = join(dist, "stagecraft.html");
const address = pathToFileURL(file).href;

test("the file is at most 1.2 MB", () => {
  const { size } = statSync(file);
  assert.ok(size <= 1_200_000, `${size} bytes`);
});

browserTests((pageTest) => {
  pageTest(
    "it starts with all lessons and asks for nothing but itself",
    async (page) => {
      const asked = new Set();
      page.on("request", (request) => asked.add(new URL(request.url()).protocol));
      await page.goto(address);
      await started(page);
      assert.ok((await page.locator(".bar__pick option").count()) >= 13);
      await page.locator(".node.is-stage").first().waitFor();
      await page.evaluate(() => document.fonts.ready);
      assert.deepEqual(
        await page.evaluate(() => [...document.fonts].map((font) => font.status)),
        ["loaded", "loaded", "loaded"],
      );
      for (const protocol of asked) assert.ok(["file:", "blob:", "data:"].includes(protocol), protocol);
    },
    { goto: false, allowed: ({ href }) => href === address },
  );

  pageTest(
    "its policy allows no inline code but its own, and no address at all",
    async (page, { faults }) => {
      await page.goto(address);
      await started(page);
      const policy = await page.locator("meta[http-equiv=Content-Security-Policy]").getAttribute("content");
      assert.doesNotMatch(policy, /unsafe-inline|'unsafe-eval'|https?:|'self'|connect-src/);
      await page.evaluate(() => {
        const script = document.createElement("script");
        script.textContent = "window.ran = true";
        document.body.append(script);
      });
      assert.equal(await page.evaluate(() => window.ran), undefined);
      assert.ok(faults.length > 0, "the browser says that it stopped it");
      faults.length = 0;
    },
    { goto: false, allowed: ({ href }) => href === address },
  );

  pageTest(
    "what was typed is there again when the file is opened again",
    async (page) => {
      await page.goto(address);
      await started(page);
      await editor(page).click();
      await page.keyboard.press("Control+End");
      await page.keyboard.type("\n# mine");
      await page.waitForFunction(() => Object.values(localStorage).some((text) => text.includes("# mine")));
      await page.goto("about:blank");
      await page.goto(address);
      await started(page);
      await page.waitForFunction(() => document.querySelector(".cm-content")?.textContent.includes("# mine"));
    },
    { goto: false, allowed: ({ href }) => href === address },
  );
});
