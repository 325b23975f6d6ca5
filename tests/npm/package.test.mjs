// The package for npm as somebody gets it: installed from its tarball into an empty project.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { publint } from "publint";
import { formatMessage } from "publint/utils";

const root = new URL("../../", import.meta.url).pathname;
const tarball = process.env.STAGECRAFT_PACKAGE;
if (!tarball) throw new Error("STAGECRAFT_PACKAGE is not set: run this through `cargo xtask test --only npm`");
const project = mkdtempSync(join(tmpdir(), "stagecraft-npm-"));
const installed = join(project, "node_modules/stagecraft-playground");

const run = (program, ...parts) => execFileSync(program, parts, { cwd: project, encoding: "utf8" });
const bin = (name) => join(root, "web/js/node_modules/.bin", name);
const ours = (name) => join(root, "tests/npm/node_modules/.bin", name);

before(() => {
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "empty", private: true, type: "module" }));
  run("npm", "install", "--offline", "--no-audit", "--no-fund", "--ignore-scripts", tarball);
});
after(() => rmSync(project, { recursive: true }));

test("analyze() says in Node what is wrong with a Dockerfile", () => {
  writeFileSync(
    join(project, "say.mjs"),
    'import { analyze } from "stagecraft-playground";\nconst { findings, stages, target } = analyze("FROM alpine:3.20 AS Base\\n");\nconsole.log(JSON.stringify([findings.map(({ rule, line }) => [rule, line]), stages.length, target]));',
  );
  const [findings, stages, target] = JSON.parse(run("node", "say.mjs"));
  assert.ok(findings.some(([rule, line]) => rule === "stage-name-casing" && line === 1), JSON.stringify(findings));
  assert.deepEqual([stages, target], [1, 0]);
});

test("a text that is none is refused before anything is done", () => {
  writeFileSync(join(project, "none.mjs"), 'import { analyze } from "stagecraft-playground";\ntry { analyze(7) } catch (error) { console.log(error.name) }');
  assert.equal(run("node", "none.mjs").trim(), "TypeError");
});

test("esbuild bundles core and element, and the bundle works", () => {
  writeFileSync(
    join(project, "app.js"),
    'import { analyze } from "stagecraft-playground";\nimport { setBase } from "stagecraft-playground/element";\nconsole.log(typeof setBase, analyze("FROM scratch\\n").stages.length);',
  );
  run(bin("esbuild"), "app.js", "--bundle", "--format=esm", "--platform=neutral", "--log-level=error", "--outfile=out.mjs");
  assert.equal(run("node", "out.mjs").trim(), "function 1");
});

test("who takes the core alone gets nothing of the element", () => {
  writeFileSync(join(project, "core.js"), 'import { analyze } from "stagecraft-playground";\nanalyze("");');
  run(bin("esbuild"), "core.js", "--bundle", "--format=esm", "--log-level=error", "--outfile=core.out.js");
  assert.doesNotMatch(readFileSync(join(project, "core.out.js"), "utf8"), /dockerfile-playground/);
});

test("the types fit", () => {
  writeFileSync(
    join(project, "types.ts"),
    `import { analyze, type Finding } from "stagecraft-playground";
import type { State } from "stagecraft-playground/element";
const found: Finding[] = analyze("").findings;
const element = document.createElement("dockerfile-playground");
element.addEventListener("change", ({ detail }) => { const state: State = detail; console.log(state.dockerfile, found); });
// @ts-expect-error: a state has a Dockerfile
void element.setState({});
`,
  );
  run(bin("tsc"), "types.ts", "--noEmit", "--strict", "--target", "es2022", "--module", "nodenext", "--moduleResolution", "nodenext", "--lib", "es2022,dom,dom.iterable", "--types", "");
});

test("every file that the manifest names is there, and all that the frame loads", () => {
  const manifest = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));
  assert.match(manifest.version, /^\d+\.\d+\.\d+$/);
  assert.notEqual(manifest.version, "0.0.0");
  for (const { types, default: code } of Object.values(manifest.exports).filter((it) => typeof it === "object")) {
    for (const file of [types, code]) assert.ok(existsSync(join(installed, file)), file);
  }
  const html = readFileSync(join(installed, "site/embed.html"), "utf8");
  for (const [, path] of html.matchAll(/(?:href|src)="\.\/([^"]+)"/g)) {
    assert.ok(existsSync(join(installed, "site", path)), path);
  }
  assert.deepEqual(readdirSync(join(installed, "site")).filter((name) => /\.(br|gz)$|^index|^sw/.test(name)), []);
});

test("publint finds nothing to say of the tarball", async () => {
  const bytes = readFileSync(tarball);
  const { messages, pkg } = await publint({
    pack: { tarball: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) },
    strict: true,
  });
  assert.equal(pkg.name, "stagecraft-playground");
  assert.deepEqual(messages.map((message) => formatMessage(message, pkg)), []);
});

test("attw finds types for whoever imports it", () => {
  // It ends with an error where it finds anything. Its profile is the one for packages that have
  // modules only.
  const said = run(ours("attw"), tarball, "--profile", "esm-only", "--no-definitely-typed", "--format", "ascii", "--no-color");
  for (const entry of ["", "/element", "/package.json"]) assert.ok(said.includes(`"stagecraft-playground${entry}"`), said);
});
