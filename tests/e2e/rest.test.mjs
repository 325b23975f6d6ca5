// The app comes in two parts: the second, which a first visit does without until it has its analysis,
// is fetched behind it.

import assert from "node:assert/strict";
import { address, browserTests, editor, started } from "./page.mjs";

/** The page as one file has its parts in it. */
const isFile = address.startsWith("file:");
const options = { goto: false, skip: isFile };

/** Holds back what is asked for the second part until `release` is called; counts how often it is. */
async function held(context) {
  const rest = { asked: 0, release: undefined };
  const released = new Promise((resolve) => (rest.release = resolve));
  await context.route(/\/rest-\w+\.wasm$/, async (route) => {
    rest.asked += 1;
    // Whoever asks a second time waits for it, and the page with it.
    if (rest.asked === 1) await released;
    await route.continue();
  });
  return rest;
}

const stages = (page) => page.locator(".node.is-stage");

browserTests((pageTest) => {
  pageTest("a first visit has its analysis without the second part, which is then fetched once", async (page, { context }) => {
    const rest = await held(context);
    await page.goto(address);
    await stages(page).first().waitFor();
    await page.locator(".problem__main").first().waitFor();
    assert.ok(rest.asked <= 1);
    rest.release();
    await page.waitForFunction(() => performance.getEntriesByType("resource").some(({ name }) => /packages-/.test(name)));
    assert.equal(rest.asked, 1);
  }, options);

  pageTest("what is typed before the second part is there is analysed when it comes", async (page, { context }) => {
    const rest = await held(context);
    await page.goto(address);
    await started(page);
    await editor(page).click();
    await page.keyboard.press("Control+End");
    await page.keyboard.type("\nFROM scratch AS zoë");
    assert.match(await editor(page).innerText(), /AS zoë/);
    assert.equal(await stages(page).count(), 1);
    rest.release();
    await stages(page).nth(1).waitFor();
    assert.equal(rest.asked, 1);
  }, options);

  pageTest("what is clicked before the second part is there waits for it", async (page, { context }) => {
    const rest = await held(context);
    await page.goto(address);
    await started(page);
    await page.evaluate(() => (location.hash = "#/rules"));
    await page.locator(".rule__list").first().waitFor();
    assert.equal(rest.asked, 2);
    rest.release();
  }, options);

  pageTest("a lesson that is asked for before the others are there opens when they come", async (page, { context }) => {
    const rest = await held(context);
    await page.goto(address);
    await started(page);
    const lessons = page.locator(".bar__pick select");
    const [first, second] = await lessons.locator("option").evaluateAll((options) => options.map(({ value }) => value));
    await page.evaluate((slug) => (location.hash = `#/lesson/${slug}`), second);
    assert.equal(await lessons.inputValue(), first);
    rest.release();
    await page.waitForFunction((slug) => document.querySelector(".bar__pick select")?.value === slug, second);
    await page.locator(".lesson h2").first().waitFor();
  }, options);

  pageTest("a visit with a draft has both parts before it starts", async (page) => {
    await page.goto(address);
    await started(page);
    await editor(page).click();
    await page.keyboard.type("# mine\n");
    await page.waitForFunction(() => Object.keys(localStorage).some((key) => /draft/.test(key)));
    await page.reload();
    await started(page);
    // On a site it comes from what the service worker keeps.
    const asked = await page.evaluate(() => performance.getEntriesByType("resource").filter(({ name }) => /\/rest-/.test(name)).length);
    assert.equal(asked, 1);
    assert.match(await editor(page).innerText(), /# mine/);
  }, options);

  pageTest("a browser that compiles little while a page waits has both parts before it starts", async (page, { context }) => {
    await context.addInitScript(() => {
      const construct = (target, [bytes], asked) => {
        if (bytes.byteLength > 4096) throw new RangeError("WebAssembly.Module is disallowed on the main thread");
        return Reflect.construct(target, [bytes], asked);
      };
      WebAssembly.Module = new Proxy(WebAssembly.Module, { construct });
    });
    const rest = await held(context);
    const asked = page.waitForRequest(/\/rest-\w+\.wasm$/);
    await page.goto(address);
    await asked;
    assert.equal(await stages(page).count(), 0);
    rest.release();
    await stages(page).first().waitFor();
    await page.evaluate(() => (location.hash = "#/rules"));
    await page.locator(".rule__list").first().waitFor();
    assert.equal(rest.asked, 1);
  }, options);
});
