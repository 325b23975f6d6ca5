// One browser for a file of tests, one fresh page for a test. What must hold of every page is
// watched here: no error, no word to another host.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { serve } from "../forms/server.mjs";

/**
 * Where the page is: an address, or a folder, which is then served under a path, not at a host's
 * root. Each file of tests has a server of its own.
 */
export const address = await placeOf(setting("STAGECRAFT_PAGE"));

async function placeOf(page) {
  return /^(https?|file):/.test(page) ? page : (await serve(page, { prefix: "/somewhere/below/" })).address;
}

function setting(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run this through \`cargo xtask test --only e2e\``);
  return value;
}

/** Starts Chromium as all our tests start it. */
export function launch() {
  return chromium.launch({
    executablePath: setting("STAGECRAFT_CHROMIUM"),
    args: setting("STAGECRAFT_CHROMIUM_ARGUMENTS").split("\n"),
  });
}

/** Collects what must not happen on a page. It may ask its own host, and what `allowed` says. */
export function watch(page, allowed = () => false) {
  const faults = [];
  const { origin } = new URL(address);
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") faults.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => faults.push(`error: ${error.stack ?? error}`));
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.origin !== origin && !["data:", "blob:"].includes(url.protocol) && !allowed(url)) faults.push(`request to ${url}`);
  });
  page.on("requestfailed", (request) => {
    // Whoever leaves a page ends what it still asks for.
    const why = request.failure()?.errorText;
    if (why !== "net::ERR_ABORTED") faults.push(`failed request: ${request.url()}: ${why}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) faults.push(`${response.status()}: ${response.url()}`);
  });
  page.on("crash", () => faults.push("the page crashed"));
  return faults;
}

let browser;

/**
 * Declares the tests of a file. `pageTest(name, body)` gives `body` a page that has been opened
 * and fails the test on anything that {@link watch} saw. Options: `goto` (false to open it
 * yourself), `skip`, `allowed` (which addresses of others it may ask), and what `browser.newContext` takes.
 */
export function browserTests(declare) {
  before(async () => {
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
  });
  declare((name, body, { goto = true, skip = false, allowed, ...options } = {}) => {
    test(name, { timeout: 60_000, skip }, async () => {
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
      try {
        const page = await context.newPage();
        page.setDefaultTimeout(15_000);
        const faults = watch(page, allowed);
        if (goto) await page.goto(address);
        await body(page, { context, faults });
        assert.deepEqual(faults, [], "the page must stay without a fault");
      } finally {
        await context.close();
      }
    });
  });
}

/** Waits until the app has taken over. */
export async function started(page) {
  await page.locator("#app > *").first().waitFor();
}

/** The text field of the editor. */
export function editor(page) {
  return page.getByRole("textbox", { name: "Dockerfile" });
}

/** What axe finds wrong, a line each. */
export async function accessibilityFaults(page) {
  const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  // Evaluated by the browser's own debugger, which the page's policy does not bind.
  await page.evaluate(source);
  const { violations } = await page.evaluate(() => window.axe.run());
  return violations.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${help}: ${node.html}`));
}
