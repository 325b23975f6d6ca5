// The editor by itself: the interface of web/js/src/editor.ts under the real page's policy, on a
// page that only these tests see.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { address, browserTests } from "./page.mjs";

const sources = fileURLToPath(new URL("../../web/js/", import.meta.url));
const { buildSync } = createRequire(`${sources}package.json`)("esbuild");
const noLanguage = `${sources}src/no-language.ts`;
const bundle = buildSync({
  stdin: {
    contents: `
      import { adoptStyles } from "./src/adopted-styles.ts";
      import { completeEditors, createEditor } from "./src/editor.ts";
      adoptStyles();
      await completeEditors();
      window.make = (doc, options = {}) => {
        window.editor = createEditor(document.body, doc, { label: "Text", ...options });
      };`,
    resolveDir: sources,
  },
  bundle: true,
  // As in xtask/src/page.rs.
  alias: { "@codemirror/language": noLanguage, "@lezer/common": noLanguage },
  format: "esm",
  write: false,
}).outputFiles[0].text;

const html = readFileSync(new URL("../../index.html", import.meta.url), "utf8");
const policy = /<meta\s+http-equiv="Content-Security-Policy"[^>]*>/.exec(html)[0];
const place = `${address}__editor/`;

/** Opens the page and makes an editor. */
async function open(page, doc, options) {
  await page.route(`${place}**`, (route) =>
    route.request().url().endsWith(".js")
      ? route.fulfill({ contentType: "text/javascript", body: bundle })
      : route.fulfill({
          contentType: "text/html",
          body: `<!doctype html><html lang="en"><head>${policy}<link rel="icon" href="data:,"><title>Editor</title>
            <script type="module" src="./editor.js"></script></head><body></body></html>`,
        }),
  );
  await page.goto(place);
  await page.evaluate(([doc, options]) => window.make(doc, options), [doc, options]);
  return page.getByRole("textbox", { name: "Text" });
}

const text = (page) => page.evaluate(() => window.editor.getDoc());

browserTests((pageTest) => {
  const editorTest = (name, body) => pageTest(name, body, { goto: false });

  editorTest("carriage returns survive byte for byte, wherever one types", async (page) => {
    const box = await open(page, "FROM a\r\nRUN b\r\n\rodd\n");
    await box.click();
    await page.keyboard.press("Control+Home");
    await page.keyboard.press("End");
    await page.keyboard.type("X");
    await page.keyboard.press("Control+End");
    await page.keyboard.type("# é😀");
    const got = await text(page);
    assert.equal(got.replace("X", ""), "FROM a\r\nRUN b\r\n\rodd\n# é😀");
    assert.match(got.split("\n")[0], /^FROM a(X\r|\rX)$/);
  });

  editorTest("pasted text takes the line endings around it", async (page) => {
    const paste = (what) =>
      page.evaluate((what) => {
        const data = new DataTransfer();
        data.setData("text/plain", what);
        document
          .querySelector(".cm-content")
          .dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
      }, what);
    const box = await open(page, "a\r\nb\r\n");
    await box.click();
    await page.keyboard.press("Control+End");
    await paste("c\nd\n");
    assert.equal(await text(page), "a\r\nb\r\nc\r\nd\r\n");
    await page.evaluate(() => window.editor.resetDoc("a\nb\n"));
    await page.keyboard.press("Control+End");
    await paste("c\r\nd\r\n");
    assert.equal(await text(page), "a\nb\nc\nd\n");
  });

  editorTest("tokens are coloured and move with the text", async (page) => {
    const box = await open(page, "FROM a\nRUN b\n");
    await page.evaluate(() => window.editor.setTokens(new Uint32Array([0, 4, 0, 5, 6, 1, 7, 10, 0]), ["keyword", "name"]));
    const tokens = () => page.locator(".keyword, .name").allTextContents();
    assert.deepEqual(await tokens(), ["FROM", "a", "RUN"]);
    await box.click();
    await page.keyboard.press("Control+Home");
    await page.keyboard.type("# x\n");
    assert.deepEqual(await tokens(), ["FROM", "a", "RUN"]);
    await page.evaluate(() => window.editor.setTokens(new Uint32Array([4, 8, 1]), ["keyword", "name"]));
    assert.deepEqual(await tokens(), ["FROM"]);
  });

  editorTest("a very long file is coloured where one looks, at once", async (page) => {
    await open(page, "RUN x\n".repeat(100_000));
    const milliseconds = await page.evaluate(() => {
      const tokens = new Uint32Array(300_000);
      for (let line = 0; line < 100_000; line++) tokens.set([line * 6, line * 6 + 3, 0], line * 3);
      const begun = performance.now();
      window.editor.setTokens(tokens, ["keyword"]);
      return performance.now() - begun;
    });
    assert.ok(milliseconds < 500, `${milliseconds} ms`);
    await page.evaluate(() => window.editor.revealLine(50_000));
    await page.locator(".cm-activeLine .keyword").waitFor();
    assert.ok((await page.locator(".keyword").count()) < 500);
  });

  editorTest("a finding is underlined, explained on hover, and its fix applied by a click", async (page) => {
    await open(page, "FROM a\nRUN b\n");
    const findings = [
      {
        from: 5,
        to: 6,
        severity: "warning",
        code: "missing-tag",
        message: "Say which version.",
        fixes: [{ title: "Add a tag", edits: [{ from: 6, to: 6, insert: ":1" }] }],
      },
      { from: 900, to: 1000, severity: "error", message: "Beyond the end." },
    ];
    await page.evaluate((findings) => window.editor.setDiagnostics(findings), findings);
    await page.locator(".cm-lintRange-warning").hover();
    const tip = page.locator(".cm-tooltip");
    await tip.getByText("Say which version.").waitFor();
    assert.match(await tip.textContent(), /missing-tag/);
    await tip.getByRole("button", { name: "Add a tag" }).click();
    assert.equal(await text(page), "FROM a:1\nRUN b\n");
  });

  editorTest("a fix for a text that is no more does nothing", async (page) => {
    const box = await open(page, "FROM a\n");
    await page.evaluate(() => {
      const fixes = [{ title: "Fix", edits: [{ from: 6, to: 6, insert: ":1" }] }];
      window.editor.setDiagnostics([{ from: 0, to: 6, severity: "warning", message: "Wrong.", fixes }]);
    });
    await box.click();
    await page.keyboard.press("Control+Home");
    await page.keyboard.type("# x\n");
    await page.locator(".cm-lintRange-warning").hover();
    await page.getByRole("button", { name: "Fix" }).click();
    assert.equal(await text(page), "# x\nFROM a\n");
  });

  editorTest("the bracket at the cursor and its partner are marked", async (page) => {
    const box = await open(page, "RUN [ (a) ]\nRUN (\n");
    await box.click();
    await page.keyboard.press("Control+Home");
    for (let i = 0; i < 5; i++) await page.keyboard.press("ArrowRight");
    assert.deepEqual(await page.locator(".cm-matchingBracket").allTextContents(), ["[", "]"]);
    await page.keyboard.press("Control+End");
    await page.keyboard.press("ArrowLeft");
    assert.deepEqual(await page.locator(".cm-nonmatchingBracket").allTextContents(), ["("]);
    assert.equal(await page.locator(".cm-matchingBracket").count(), 0);
  });

  editorTest("Enter keeps the indentation and opens a pair of brackets", async (page) => {
    const box = await open(page, "");
    await box.click();
    await page.keyboard.type("    a");
    await page.keyboard.press("Enter");
    await page.keyboard.type("b {");
    await page.keyboard.press("Enter");
    await page.keyboard.type("c");
    assert.equal(await text(page), "    a\n    b {\n    c\n    }");
  });

  editorTest("proposals come from the source that was set", async (page) => {
    const box = await open(page, "FROM a AS build\n");
    await page.evaluate(() =>
      window.editor.setCompletions((doc, position) => {
        const word = /\w*$/.exec(doc.slice(0, position))[0];
        return { from: position - word.length, options: [{ label: "COPY", kind: "keyword", info: "Copies." }, { label: "CMD" }] };
      }),
    );
    await box.click();
    await page.keyboard.press("Control+End");
    await page.keyboard.type("CO");
    await page.getByRole("option", { name: "COPY" }).waitFor();
    // CodeMirror takes no choice for a moment, so that nobody takes one by mistake.
    await page.waitForTimeout(150);
    await page.keyboard.press("Tab");
    assert.equal(await text(page), "FROM a AS build\nCOPY");
  });

  editorTest("lines are marked, a line is shown, and listeners are told of cursor and text", async (page) => {
    const box = await open(page, "a\nb\nc\n".repeat(100));
    await page.evaluate(() => {
      window.told = [];
      window.editor.onCursor((position, line) => window.told.push(["cursor", position, line]));
      window.unlisten = window.editor.onChange((doc) => window.told.push(["change", doc.length]));
      window.editor.markLines(new Uint32Array([2, 2, 9999, 1]), "here");
    });
    assert.deepEqual(await page.locator(".here").allTextContents(), ["a", "b"]);
    await page.evaluate(() => window.editor.revealLine(150));
    assert.ok(await box.evaluate((box) => box === document.activeElement));
    assert.ok(await page.getByText("150", { exact: true }).isVisible());
    await page.keyboard.type("x");
    await page.evaluate(() => window.unlisten());
    await page.keyboard.type("y");
    assert.deepEqual(await page.evaluate(() => window.told), [
      ["cursor", 298, 150],
      ["change", 601],
      ["cursor", 299, 150],
      ["cursor", 300, 150],
    ]);
  });

  editorTest("a replaced text can be undone, a reset one cannot", async (page) => {
    const box = await open(page, "a\n");
    await page.evaluate(() => window.editor.setDoc("b\n"));
    await box.click();
    await page.keyboard.press("Control+z");
    assert.equal(await text(page), "a\n");
    await page.evaluate(() => window.editor.resetDoc("c\n"));
    await page.keyboard.press("Control+z");
    assert.equal(await text(page), "c\n");
  });

  editorTest("Tab leaves the editor", async (page) => {
    const box = await open(page, "a\n");
    await page.evaluate(() => document.body.append(document.createElement("button")));
    await box.click();
    await page.keyboard.press("Tab");
    assert.ok(await page.locator("body > button").evaluate((button) => button === document.activeElement));
  });
});
