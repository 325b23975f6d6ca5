// Links that hold what is on the desk: the module alone, in Node.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { deflateRawSync, gunzipSync } from "node:zlib";

const root = new URL("../../", import.meta.url).pathname;
const made = mkdtempSync(join(tmpdir(), "stagecraft-link-"));
after(() => rmSync(made, { recursive: true }));
const bundle = join(made, "link.mjs");
execFileSync(join(root, "web/js/node_modules/.bin/esbuild"), [
  join(root, "web/js/src/link.ts"),
  "--bundle",
  "--format=esm",
  "--log-level=error",
  `--outfile=${bundle}`,
]);
const { encode, decode, LinkError } = await import(pathToFileURL(bundle));

const packed = (text) => `#v1/${deflateRawSync(text).toString("base64url")}`;

test("links that have been given away are read for ever", async () => {
  const links = JSON.parse(readFileSync(new URL("./links.json", import.meta.url), "utf8"));
  assert.ok(links.length >= 5);
  for (const { link, state } of links) assert.deepEqual(await decode(link), state, link);
});

test("a thousand states come back as they were", async () => {
  let seed = 7;
  const random = (below) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
    return Math.floor((seed / 0x80000000) * below);
  };
  const letters = [..."FROM RUN\tCOPY\r\n\"'\\$`<>&%#/+=-_äß世🐳\u0000\u2028"];
  const text = (most) => Array.from({ length: random(most) }, () => letters[random(letters.length)]).join("");
  for (let turn = 0; turn < 1_000; turn++) {
    const state = { dockerfile: text(400) };
    if (random(2)) state.dockerignore = text(50);
    if (random(2)) state.lesson = `a-${random(99)}`;
    if (random(3) === 0) state.target = text(20);
    if (random(3) === 0) state.buildArgs = Object.fromEntries([[text(9), text(9)], ["__proto__x", "1"]]);
    if (random(3) === 0) state.noCache = random(2) === 0;
    if (random(3) === 0) state.bases = Object.fromEntries([[text(20), random(1e9)], ["registry.example/a", String(random(1e9))]]);
    if (random(3) === 0) state.context = [{ path: text(20), size: random(1e9), count: 1 + random(9), content: String(random(1e9)), mode: random(512) }];
    assert.deepEqual(await decode(await encode(state)), state);
  }
});

test("a damaged or hostile link is refused in a sentence, whatever it is", async () => {
  const good = await encode({ dockerfile: "FROM alpine\n" });
  const links = [
    "#v1/",
    "#v1/%%%",
    "#v1/<script>",
    "#v2/abc",
    `${good}x<`,
    good.slice(0, -4),
    good.replace(/.{3}$/, "AAA"),
    packed("not json"),
    packed("null"),
    packed("[]"),
    packed("{}"),
    packed('{"d":7}'),
    packed('{"d":"FROM a","l":"../../x"}'),
    packed('{"d":"FROM a","l":["a"]}'),
    packed('{"d":"FROM a","c":7,"a":[]}'),
    packed('{"d":"FROM a","c":[["p",-1]]}'),
    packed('{"d":"FROM a","a":{"x":1}}'),
    packed('{"d":"FROM a","n":1}'),
    packed('{"d":"FROM a","b":[7]}'),
    packed('{"d":"FROM a","b":{"a":-1}}'),
    packed('{"d":"FROM a","b":{"a":1.5}}'),
    packed('{"d":"FROM a","b":{"a":"1e9"}}'),
    packed(`{"d":"FROM a","b":{"${"a".repeat(501)}":1}}`),
    packed(JSON.stringify({ d: "FROM a", b: Object.fromEntries(Array.from({ length: 201 }, (_, at) => [`a${at}`, 1])) })),
    packed(Buffer.from([0x7b, 0xff, 0xfe])),
    `#v1/${"A".repeat(500_000)}`,
  ];
  for (const link of links) {
    await assert.rejects(decode(link), LinkError, link.slice(0, 60));
  }
});

test("a link that unpacks to very much is refused before it has", async () => {
  const bomb = packed(`{"d":"${"a".repeat(200_000_000)}"}`);
  assert.ok(bomb.length < 400_000, `${bomb.length}`);
  const before = process.memoryUsage().arrayBuffers;
  await assert.rejects(decode(bomb), /more than a playground holds/);
  assert.ok(process.memoryUsage().arrayBuffers - before < 50_000_000);
});

test("names that mean something to JavaScript are names like others", async () => {
  const state = await decode(packed('{"d":"FROM a","a":{"__proto__":"x","constructor":"y"},"__proto__":{"l":"b"}}'));
  assert.equal(Object.getPrototypeOf(state.buildArgs), Object.prototype);
  assert.equal(state.lesson, undefined);
  assert.equal({}.l, undefined);
});

const wild = join(root, "../shared/conformance/wild.jsonl.gz");
test(
  "a Dockerfile of the wild makes a link of less than 2,000 characters, the middle one of all",
  { skip: existsSync(wild) ? false : "skipped, as ../shared/conformance is not there" },
  async () => {
    const rows = gunzipSync(readFileSync(wild)).toString().trim().split("\n");
    assert.ok(rows.length > 1_000);
    const lengths = [];
    for (const row of rows) lengths.push((await encode({ dockerfile: JSON.parse(row).text })).length);
    const median = lengths.sort((a, b) => a - b)[lengths.length >> 1];
    console.log(`# the middle one of ${lengths.length} links has ${median} characters`);
    assert.ok(median < 2_000, `${median}`);
  },
);
