// The least that must work, of every build of the page.

import assert from "node:assert/strict";
import { accessibilityFaults, address, browserTests, editor, started } from "./page.mjs";

/** The page as one file has its parts in it (see tests/forms/single.test.mjs). */
const isFile = address.startsWith("file:");

browserTests((pageTest) => {
  pageTest("the app starts and follows what is typed", async (page) => {
    await started(page);
    await editor(page).click();
    await page.keyboard.press("Control+End");
    const stages = page.locator(".node.is-stage");
    const before = await stages.count();
    assert.ok(before > 0);
    await page.keyboard.type("\nFROM scratch AS zoë");
    await stages.nth(before).waitFor();
  });

  pageTest(
    "the text can be read and typed into before the app is there, and none of it is lost",
    async (page, { context }) => {
      let release;
      const held = new Promise((resolve) => (release = resolve));
      await context.route(/\.wasm$/, async (route) => {
        await held;
        await route.continue();
      });
      await page.goto(address);
      await editor(page).click();
      await page.keyboard.press("Control+Home");
      await page.keyboard.type("# early\n");
      assert.equal(await page.locator("#app > *").count(), 0, "the app must not be there yet");
      release();
      await started(page);
      await page.keyboard.type("# late\n");
      const text = await editor(page).innerText();
      assert.match(text, /^# early\n+# late\n+FROM /, "the cursor and the focus must stay where they were");
    },
    { goto: false, skip: isFile },
  );

  pageTest("styles reach the editor under the page's policy", async (page) => {
    await started(page);
    const [wrap, violations] = await page.evaluate(() => [
      getComputedStyle(document.querySelector(".cm-content")).whiteSpace,
      document.querySelectorAll("style").length,
    ]);
    assert.equal(wrap, "pre");
    assert.equal(violations, isFile ? 1 : 0, "no <style> element but the file's own");
    assert.ok((await page.locator(".cm-gutters").first().boundingBox()).width > 10);
  });

  pageTest("the page's policy forbids inline code and other hosts", async (page) => {
    const policy = await page.locator("meta[http-equiv=Content-Security-Policy]").getAttribute("content");
    assert.match(policy, /default-src 'none'/);
    assert.doesNotMatch(policy, /unsafe-inline|'unsafe-eval'|https?:/);
    assert.equal(await page.locator("script:not([src])").count(), 0);
    assert.equal(await page.locator("[style]:not(.cm-editor *, .cm-editor)").count(), 0);
  }, { skip: isFile });

  pageTest("a loaded page needs no network", async (page, { context }) => {
    await started(page);
    // What is fetched behind the first analysis is on its way, and on a site what it keeps for such times.
    await page.waitForLoadState("networkidle");
    await page.evaluate(async () => {
      if (document.querySelector("link[rel=manifest]")) await navigator.serviceWorker.ready;
    });
    await context.setOffline(true);
    await editor(page).click();
    await page.keyboard.press("Control+End");
    await page.keyboard.type("USER 1");
    await page.waitForFunction(() => document.querySelector(".cm-content")?.textContent.includes("USER 1"));
  });

  pageTest("axe finds nothing wrong", async (page) => {
    await started(page);
    assert.deepEqual(await accessibilityFaults(page), []);
  });

  pageTest(
    "a request to another host is noticed",
    async (page, { faults }) => {
      await page.route("**/*", (route) => (route.request().url().startsWith(address) ? route.continue() : route.abort()));
      await page.goto(address);
      await started(page);
      // The policy stops it before it becomes a request, and says so in the console.
      await page.evaluate(() => fetch("http://127.0.0.2:9/").catch(() => {}));
      await page.waitForTimeout(100);
      assert.ok(faults.length > 0, "the watch must see it");
      faults.length = 0;
    },
    { goto: false },
  );
});
