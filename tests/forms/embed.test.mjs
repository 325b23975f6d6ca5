// The playground in pages of others: they keep their focus, their place, their history and their
// looks, and only they are heard.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { brotliCompressSync } from "node:zlib";
import { address, browserTests } from "../e2e/page.mjs";
import { site } from "./forms.mjs";
import { serve } from "./server.mjs";

/** Servers of tests. */
const allowed = ({ hostname }) => hostname === "127.0.0.1";

/** Opens a page with this body on an origin of its own. */
async function host(page, body, run, head = "") {
  const server = await serve("/nowhere", {
    change: (path) =>
      path === "index.html"
        ? `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A page</title><link rel="icon" href="data:,">${head}</head><body>${body}</body></html>`
        : undefined,
  });
  try {
    await page.goto(server.address);
    await run(server);
  } finally {
    await server.close();
  }
}

const script = `<script src="${address}element.js" defer></script>`;
const element = (attributes = "", text = "FROM alpine:3.20 AS one") =>
  `<dockerfile-playground ${attributes}><pre><code>${text}\n</code></pre></dockerfile-playground>`;

/** The frame of the playground with that number, once it is ready. */
async function playground(page, at = 0) {
  await page.waitForFunction((at) => {
    const frame = document.querySelectorAll("dockerfile-playground")[at]?.shadowRoot?.querySelector("iframe");
    return frame && !("waits" in frame.dataset);
  }, at);
  const found = page.locator("dockerfile-playground").nth(at).locator("iframe").contentFrame();
  await found.locator("#file-dockerfile .cm-content").waitFor();
  return found;
}

test("the script of the element is at most 6 kB after brotli, that of the button less", () => {
  for (const name of ["element.js", "upgrade.js"]) {
    const size = brotliCompressSync(readFileSync(join(site, name))).length;
    assert.ok(size <= 6_000, `${name}: ${size}`);
  }
});

browserTests((pageTest) => {
  const hosted = (name, body, run, options = {}) =>
    pageTest(name, (page, more) => host(page, body, (server) => run(page, { ...more, server }), options.head), {
      goto: false,
      allowed,
      ...options,
    });

  hosted(
    "nothing is loaded before the element is near, and its text reads well until then",
    `<p>Before</p><div style="height: 4000px"></div>${script}${element()}`,
    async (page) => {
      const asked = [];
      page.on("request", (request) => asked.push(request.url()));
      await page.waitForTimeout(400);
      assert.deepEqual(asked, []);
      assert.equal(await page.locator("dockerfile-playground code").textContent(), "FROM alpine:3.20 AS one\n");
      await page.mouse.move(100, 100);
      await page.mouse.wheel(0, 5_000);
      const frame = await playground(page);
      await frame.getByText("FROM").first().waitFor();
      assert.ok(!(await page.locator("dockerfile-playground code").isVisible()), "the text gives way to the playground");
    },
  );

  pageTest(
    "without JavaScript the Dockerfile is there to read",
    (page) =>
      host(page, `${script}${element()}`, async () => {
        assert.ok(await page.locator("dockerfile-playground code").isVisible());
      }),
    { goto: false, allowed, javaScriptEnabled: false },
  );

  hosted(
    "it takes no focus, scrolls nothing, and 50 edits leave the history as it was",
    `<input id="field" aria-label="Field"><div style="height: 300px"></div>${script}${element()}<div style="height: 3000px"></div>`,
    async (page) => {
      await page.locator("#field").focus();
      await page.evaluate(() => scrollTo(0, 120));
      const before = await page.evaluate(() => history.length);
      const frame = await playground(page);
      await frame.locator(".node.is-stage").first().waitFor();
      await page.waitForTimeout(500);
      assert.equal(await page.evaluate(() => document.activeElement.id), "field");
      assert.equal(await page.evaluate(() => scrollY), 120);
      await frame.locator("#file-dockerfile .cm-content").click();
      await page.keyboard.press("Control+End");
      const place = await page.evaluate(() => scrollY);
      for (let turn = 0; turn < 50; turn++) await page.keyboard.type("#");
      await page.waitForFunction(() => document.querySelector("dockerfile-playground")?.state?.dockerfile.includes("#".repeat(50)));
      assert.equal(await page.evaluate(() => history.length), before);
      assert.equal(await page.evaluate(() => location.hash), "");
      assert.ok(Math.abs((await page.evaluate(() => scrollY)) - place) <= 1, "typing scrolls nothing that is in view");
      assert.deepEqual(await frame.locator("body").evaluate(() => Object.keys(localStorage)), [], "no draft is kept");
    },
  );

  hosted(
    "its height follows the content to 2 pixels",
    `${script}${element()}${element('height="300"')}`,
    async (page) => {
      const frame = await playground(page);
      await playground(page, 1);
      await frame.locator(".node.is-stage").first().waitFor();
      const difference = async () => {
        await page.waitForTimeout(400);
        const inside = await frame.locator(".app").evaluate((app) => app.getBoundingClientRect().height);
        const outside = await page.locator("dockerfile-playground").first().locator("iframe").evaluate((frame) => frame.clientHeight);
        return Math.abs(inside - outside);
      };
      assert.ok((await difference()) <= 2, `${await difference()}`);
      const low = await page.locator("dockerfile-playground").first().evaluate((it) => it.offsetHeight);
      await frame.locator("#file-dockerfile .cm-content").click();
      await page.keyboard.press("Control+End");
      for (let turn = 0; turn < 30; turn++) await page.keyboard.press("Enter");
      assert.ok((await difference()) <= 2, `${await difference()}`);
      const high = await page.locator("dockerfile-playground").first().evaluate((it) => it.offsetHeight);
      assert.ok(high > low + 200, `${low} became ${high}`);
      await page.setViewportSize({ width: 500, height: 800 });
      assert.ok((await difference()) <= 2, `${await difference()}`);
      const fixed = await page.locator("dockerfile-playground").nth(1).locator("iframe").evaluate((it) => it.offsetHeight);
      assert.equal(fixed, 300);
    },
  );

  hosted(
    "two of them do not know each other",
    `${script}${element("", "FROM alpine:3.20 AS one")}${element("", "FROM alpine:3.20 AS two")}`,
    async (page) => {
      const first = await playground(page);
      const second = await playground(page, 1);
      await first.locator("#file-dockerfile .cm-content").click();
      await page.keyboard.press("Control+End");
      await page.keyboard.type("# only here");
      await page.waitForFunction(() => document.querySelectorAll("dockerfile-playground")[0].state?.dockerfile.includes("# only here"));
      assert.doesNotMatch(await second.locator("#file-dockerfile .cm-content").innerText(), /only here/);
      assert.match(await second.locator("#file-dockerfile .cm-content").innerText(), /AS two/);
      const states = await page.evaluate(() => Promise.all([...document.querySelectorAll("dockerfile-playground")].map((it) => it.getState())));
      assert.deepEqual(states.map(({ dockerfile }) => dockerfile), ["FROM alpine:3.20 AS one\n# only here", "FROM alpine:3.20 AS two\n"]);
    },
  );

  hosted(
    "the styles of the page and of the playground do not meet",
    `<p id="text">Text</p><button id="button">B</button>${script}${element()}`,
    async (page) => {
      const looks = () =>
        page.evaluate(() => ["text", "button"].map((id) => JSON.stringify({ ...getComputedStyle(document.getElementById(id)) })));
      const before = await looks();
      const frame = await playground(page);
      await frame.locator(".node.is-stage").first().waitFor();
      assert.deepEqual(await looks(), before);
      const colour = await frame.locator("#file-dockerfile .cm-content").evaluate((it) => getComputedStyle(it).color);
      assert.notEqual(colour, "rgb(255, 0, 0)");
      const font = await frame.locator("h2").first().evaluate((it) => getComputedStyle(it).fontSize);
      assert.notEqual(font, "99px");
    },
    { head: "<style>* { color: red !important; font-size: 99px !important } iframe { display: none !important }</style>" },
  );

  hosted(
    "properties, methods and events",
    `${script}${element('lesson="one-image-carries-everything" panels="problems sizes"', "FROM alpine:3.20 AS Base")}`,
    async (page) => {
      await page.evaluate(() => {
        window.heard = [];
        const it = document.querySelector("dockerfile-playground");
        for (const name of ["ready", "change", "analysis", "goal"]) it.addEventListener(name, ({ detail }) => window.heard.push([name, detail]));
      });
      const frame = await playground(page);
      await frame.locator(".problem").getByText("Base").first().waitFor();
      assert.ok(!(await frame.locator(".graph").isVisible()), "only the panels that were asked for");
      const state = await page.evaluate(() => document.querySelector("dockerfile-playground").getState());
      assert.equal(state.dockerfile, "FROM alpine:3.20 AS Base\n");
      assert.equal(state.lesson, "one-image-carries-everything");
      assert.equal(await page.evaluate(() => document.querySelector("dockerfile-playground").setState({ dockerfile: "FROM scratch\n" })), true);
      assert.equal(await page.evaluate(() => document.querySelector("dockerfile-playground").setState({ dockerfile: 7 })), false);
      await page.waitForFunction(() => window.heard.some(([name, detail]) => name === "change" && detail.dockerfile === "FROM scratch\n"));
      await page.evaluate(() => document.querySelector("dockerfile-playground").reset());
      await page.waitForFunction(() => window.heard.at(-1)[0] !== "change" && document.querySelector("dockerfile-playground").state.dockerfile.includes("Base"));
      const report = await page.evaluate(() => document.querySelector("dockerfile-playground").report);
      const { rule, severity, line } = report.problems.find(({ rule }) => rule === "stage-name-casing");
      assert.deepEqual([rule, typeof severity, line], ["stage-name-casing", "string", 1]);
      assert.ok(report.goals.length >= 1);
      const names = new Set((await page.evaluate(() => window.heard)).map(([name]) => name));
      assert.deepEqual([...names].sort(), ["analysis", "change", "goal", "ready"]);
    },
  );

  hosted(
    "attributes that change are followed without a new frame, and none makes an entry in the history",
    `${script}${element()}`,
    async (page) => {
      const frame = await playground(page);
      const before = await page.evaluate(() => history.length);
      const it = page.locator("dockerfile-playground");
      await it.evaluate((it) => it.setAttribute("theme", "dark"));
      await frame.locator(":root[data-theme=dark]").waitFor();
      await it.evaluate((it) => it.setAttribute("readonly", ""));
      await frame.locator("#file-dockerfile .cm-content").click();
      await page.keyboard.type("nothing");
      assert.doesNotMatch(await frame.locator("#file-dockerfile .cm-content").innerText(), /nothing/);
      await it.evaluate((it) => it.setAttribute("panels", "lesson sizes"));
      await frame.locator(".sizes").waitFor();
      await it.evaluate((it) => it.setAttribute("lesson", "what-you-send"));
      await frame.locator("#lesson-title").waitFor();
      await page.waitForFunction(() => document.querySelector("dockerfile-playground")?.state?.lesson === "what-you-send");
      assert.equal(await page.evaluate(() => history.length), before);
    },
  );

  hosted(
    "messages from a wrong origin or of a wrong shape are not heard",
    `${script}${element()}`,
    async (page, { context, server }) => {
      const frame = await playground(page);
      await frame.locator(".node.is-stage").first().waitFor();
      // From the right page, in wrong shapes.
      await page.evaluate(() => {
        const { contentWindow } = document.querySelector("dockerfile-playground").shadowRoot.querySelector("iframe");
        const state = { dockerfile: "FROM hacked\n" };
        for (const words of [null, 7, "setState", [], {}, { type: "setState", state }, { stagecraft: 2, type: "setState", id: 1, state }, { stagecraft: 1, type: 7, state }, { stagecraft: 1, type: "setState", id: 1, state: { dockerfile: ["x"] } }, { stagecraft: 1, type: "init", state }, { stagecraft: 1, type: "configure", settings: { lesson: "../../x", theme: {} } }, { stagecraft: 1, type: "__proto__" }]) {
          contentWindow.postMessage(words, "*");
        }
        // To the element, as if it came from the playground.
        const it = document.querySelector("dockerfile-playground");
        window.changed = 0;
        it.addEventListener("change", () => window.changed++);
        window.postMessage({ stagecraft: 1, type: "change", state }, "*");
      });
      // From another frame of another origin.
      const stranger = await serve("/nowhere", { change: () => "<!doctype html><title>x</title><link rel=icon href=data:,>" });
      await page.evaluate((address) => {
        const frame = document.createElement("iframe");
        frame.src = address;
        document.body.append(frame);
        return new Promise((resolve) => frame.addEventListener("load", resolve, { once: true }));
      }, stranger.address);
      const inside = page.frames().find((it) => it.url() === stranger.address);
      await inside.evaluate(() => {
        const state = { dockerfile: "FROM hacked\n" };
        // Frames of other origins can be counted and spoken to, not looked into.
        const frames = Array.from({ length: parent.length }, (_, at) => parent[at]);
        for (const to of [parent, ...frames]) {
          to.postMessage({ stagecraft: 1, type: "setState", id: 3, state }, "*");
          to.postMessage({ stagecraft: 1, type: "change", state }, "*");
          to.postMessage({ stagecraft: 1, type: "resize", height: 9_999 }, "*");
        }
      });
      await page.waitForTimeout(500);
      assert.match(await frame.locator("#file-dockerfile .cm-content").innerText(), /AS one/);
      assert.equal(await page.evaluate(() => window.changed), 0);
      assert.ok((await page.locator("dockerfile-playground").evaluate((it) => it.offsetHeight)) < 5_000);
      await stranger.close();
    },
  );

  hosted(
    "a page that is not the one that was named gets nothing but the height",
    "",
    async (page, { faults }) => {
      const heard = await page.evaluate(
        (address) =>
          new Promise((resolve) => {
            const heard = [];
            addEventListener("message", ({ data }) => heard.push(data.type));
            for (const query of ["", "?origin=https://example.org", "?origin=javascript:1"]) {
              const frame = document.createElement("iframe");
              frame.src = `${address}embed.html${query}`;
              frame.width = "800";
              document.body.append(frame);
              const ask = setInterval(() => frame.contentWindow.postMessage({ stagecraft: 1, type: "getState", id: 1 }, "*"), 200);
              setTimeout(clearInterval, 6_000, ask);
            }
            setTimeout(resolve, 6_500, heard);
          }),
        address,
      );
      assert.ok(heard.includes("resize"), "a plain frame tells its height");
      assert.deepEqual([...new Set(heard)].sort(), ["ready", "resize"]);
      // The browser says of messages to example.org that nobody there is to get them.
      faults.splice(0, faults.length, ...faults.filter((fault) => !fault.includes("example.org")));
    },
  );

  hosted(
    "a frame with a link shows what is in it",
    `<iframe width="900" height="500" title="x" src="${address}embed.html${JSON.parse(readFileSync(new URL("../e2e/links.json", import.meta.url), "utf8"))[1].link}"></iframe>`,
    async (page) => {
      const frame = page.frameLocator("iframe");
      await frame.locator("#file-dockerfile .cm-content").getByText("golang:1.22").waitFor();
      await frame.locator(".node.is-stage").nth(1).waitFor();
    },
  );

  hosted(
    "one script puts a button at every Dockerfile of a page, which turns it into a playground",
    `<pre><code class="language-dockerfile">FROM alpine:3.20 AS first\n</code></pre><pre><code class="language-docker">FROM alpine:3.20 AS second\n</code></pre><div class="language-dockerfile"><pre><code><span>FROM alpine:3.20 AS third</span><br></code></pre></div><pre><code class="language-rust">fn main() {}</code></pre><script src="${address}upgrade.js" defer></script>`,
    async (page) => {
      const buttons = page.getByRole("button", { name: "Try it" });
      await buttons.nth(2).waitFor();
      assert.equal(await buttons.count(), 3);
      await buttons.nth(2).click();
      const frame = await playground(page);
      await frame.locator(".node.is-stage").getByText("third").waitFor();
      assert.equal(await buttons.count(), 2);
      assert.equal(await page.getByText("FROM alpine:3.20 AS third").count(), 1, "the block has given way");
      // Blocks that come later, as in sites that change pages without loading one.
      await page.evaluate(() => {
        const block = document.createElement("pre");
        block.innerHTML = '<code class="language-dockerfile">FROM alpine:3.20 AS late\n</code>';
        document.body.append(block);
      });
      await buttons.nth(2).waitFor();
    },
  );
});
