// An application of somebody with Vite: the package installed from its tarball, the frame's files
// copied to where README.md says, built, and opened in the browser.

import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { build } from "vite";
import { browserTests } from "../e2e/page.mjs";
import { serve } from "../forms/server.mjs";

const project = mkdtempSync(join(tmpdir(), "stagecraft-vite-"));
const dist = join(project, "dist");

before(async () => {
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "empty", private: true, type: "module" }));
  const tarball = process.env.STAGECRAFT_PACKAGE;
  execFileSync("npm", ["install", "--offline", "--no-audit", "--no-fund", "--ignore-scripts", tarball], { cwd: project });
  cpSync(join(project, "node_modules/stagecraft-playground/site"), join(project, "public/playground"), { recursive: true });
  writeFileSync(
    join(project, "index.html"),
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>An application</title><p id="said"></p>
<dockerfile-playground><pre><code>FROM alpine:3.20 AS one
</code></pre></dockerfile-playground><script type="module" src="./app.js"></script></html>`,
  );
  writeFileSync(
    join(project, "app.js"),
    `import { analyze } from "stagecraft-playground";
import { setBase } from "stagecraft-playground/element";
setBase("/playground/embed.html");
document.querySelector("#said").textContent = analyze("FROM alpine AS Base\\n").findings.map(({ rule }) => rule).join(" ");`,
  );
  mkdirSync(join(project, "core"));
  writeFileSync(join(project, "core/entry.js"), 'import { analyze } from "stagecraft-playground";\nexport const stages = analyze("FROM scratch\\n").stages.length;');
  await build({ root: project, logLevel: "error" });
});
after(() => rmSync(project, { recursive: true }));

test("Vite takes nothing of the element along for who takes the core alone, and Node runs what it makes", async () => {
  const out = join(project, "core/out");
  await build({
    root: project,
    publicDir: false,
    logLevel: "error",
    build: { outDir: out, lib: { entry: join(project, "core/entry.js"), formats: ["es"], fileName: "core" } },
  });
  const [name, ...others] = readdirSync(out);
  assert.deepEqual(others, []);
  const { stages } = await import(join(out, name));
  assert.equal(stages, 1);
  assert.doesNotMatch(readFileSync(join(out, name), "utf8"), /dockerfile-playground/);
});

browserTests((pageTest) => {
  pageTest(
    "an application that Vite has built shows findings and a playground",
    async (page) => {
      const server = await serve(dist, { change: (path) => (path === "favicon.ico" ? "" : undefined) });
      try {
        await page.goto(server.address);
        await page.locator("#said").getByText("stage-name-casing").waitFor();
        const frame = page.locator("dockerfile-playground iframe").contentFrame();
        await frame.locator(".node.is-stage").getByText("one", { exact: true }).waitFor();
      } finally {
        await server.close();
      }
    },
    { goto: false, allowed: ({ hostname }) => hostname === "127.0.0.1" },
  );
});
