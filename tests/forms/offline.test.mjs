// After one visit the site needs no network, and a newer one comes when the person says so.

import assert from "node:assert/strict";
import { browserTests, editor, started } from "../e2e/page.mjs";
import { site as folder } from "./forms.mjs";
import { serve } from "./server.mjs";

/** Servers of tests. */
const local = ({ hostname }) => hostname === "127.0.0.1";

/** Waits until the service worker is in charge and has kept all files. */
async function kept(page) {
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    if (navigator.serviceWorker.controller) return;
    await new Promise((resolve) => navigator.serviceWorker.addEventListener("controllerchange", resolve, { once: true }));
  });
}

/** Serves a copy of the site of its own. */
async function own(run, prefix = "/below/") {
  const server = await serve(folder, { prefix });
  try {
    await run(server);
  } finally {
    await server.close();
  }
}

browserTests((pageTest) => {
  pageTest(
    "after one visit every lesson works with the server gone, reload included",
    async (page, { context }) => {
      await own(async (server) => {
        await page.goto(server.address);
        await started(page);
        await kept(page);
        await server.close();
        await context.setOffline(true);
        await page.reload();
        await started(page);
        const slugs = await page.locator(".bar__pick option").evaluateAll((options) => options.map(({ value }) => value));
        assert.ok(slugs.length >= 13);
        for (const slug of slugs) {
          await page.goto(`${server.address}?fresh=${slug}#/lesson/${slug}`);
          await started(page);
          await page.waitForFunction((slug) => document.querySelector(".bar__pick select")?.value === slug, slug);
          await page.locator(".node.is-stage").first().waitFor();
        }
        // Pages that are read without JavaScript are not kept: the app has the same.
        await page.goto(`${server.address}rules/stage-name-casing/`);
        await page.locator("#rule-title").getByText("stage-name-casing").waitFor();
        await page.goto(`${server.address}lessons/what-you-send/`);
        await page.waitForFunction(() => document.querySelector(".bar__pick select")?.value === "what-you-send");
      });
    },
    { goto: false, allowed: local },
  );

  pageTest(
    "a newer version is offered, waits for a yes, and loses no word",
    async (page) => {
      await own(async (server) => {
        await page.goto(server.address);
        await started(page);
        await kept(page);
        const before = await page.evaluate(() => caches.keys());
        assert.equal(before.length, 1);
        await page.evaluate(() => caches.open("somebody else's"));

        const mark = "<!-- newer -->";
        server.change = (path, bytes) => {
          if (path === "index.html") return bytes + mark;
          if (path !== "sw.js") return undefined;
          const text = bytes.toString();
          return text.replace(/const VERSION = "[^"]*"/, 'const VERSION = "newer"').replace(/(\["index\.html", ")[^"]*/, "$1newer");
        };
        const asked = server.asked.length;
        await page.reload();
        await started(page);
        assert.ok(!(await page.content()).includes(mark), "the old version stays until then");
        await editor(page).click();
        await page.keyboard.press("Control+Home");
        await page.keyboard.type("# kept word");
        await page.locator(".notice").getByText("A newer version").waitFor();
        const focused = await page.evaluate(() => document.activeElement.classList.contains("cm-content"));
        assert.ok(focused, "the notice takes no focus");
        const wasm = server.asked.slice(asked).filter((path) => path.endsWith(".wasm"));
        assert.deepEqual(wasm, [], "what has not changed is not fetched again");
        await page.getByRole("button", { name: "Take it" }).click();
        await page.waitForFunction(() => [...document.childNodes].some((node) => node.nodeValue === " newer "));
        await started(page);
        await page.waitForFunction(() => document.querySelector(".cm-content")?.textContent.includes("# kept word"));
        const after = await page.evaluate(() => caches.keys());
        assert.equal(after.length, 2, after.join());
        assert.ok(after.includes("somebody else's"), "other caches are none of ours");
      });
    },
    { goto: false, allowed: local },
  );

  pageTest(
    "a host without a worker serves a page that works",
    async (page, { faults }) => {
      await own(async (server) => {
        server.change = (path) => {
          if (path === "sw.js") throw new Error("missing");
          return undefined;
        };
        await page.goto(server.address);
        await started(page);
        await page.locator(".node.is-stage").first().waitFor();
        await page.waitForTimeout(300);
        faults.splice(0, faults.length, ...faults.filter((fault) => !/sw\.js|404/.test(fault)));
      });
    },
    { goto: false, allowed: local },
  );
});
