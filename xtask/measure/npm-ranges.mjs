// Says what packages take besides what they got when they were measured.
//
//     node npm-ranges.mjs MEASURED OUT
//
// MEASURED is what `npm.mjs` wrote, unpacked. The registry is asked for the manifest of each package
// in it. OUT gets a line for each need of a package that somebody may ask for and that would have
// taken another major version than it got, where that was measured, too:
//
//     name@version  need@version  major …
//
// and one for each package that works with others that somebody may ask for, but does without:
//
//     name@version  -  name …
//
// with tabs between the three and spaces between what the last one lists.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const npm = (...words) => execFileSync("npm", words, { encoding: "utf8" }).trim();
const semver = createRequire(join(npm("root", "--global"), "npm", "package.json"))("semver");
const registry = npm("config", "get", "registry").replace(/\/*$/, "/");

const [measured, out] = process.argv.slice(2);
const rows = readFileSync(measured, "utf8").split("\n").filter(Boolean).map((line) => line.split("\t"));
const split = (full) => [full.slice(0, full.lastIndexOf("@")), full.slice(full.lastIndexOf("@") + 1)];
const asked = new Set(rows.filter((row) => row[0] === "root" && row[2] !== "-").map((row) => split(row[2])[0]));

// Of each name that may be asked for the newest of each major version.
const newest = new Map();
for (const [full] of rows) {
  if (full === "root") continue;
  const [name, version] = split(full);
  if (!asked.has(name)) continue;
  const majors = newest.get(name) ?? new Map();
  const major = semver.major(version);
  if (!majors.has(major) || semver.gt(version, majors.get(major))) majors.set(major, version);
  newest.set(name, majors);
}
const several = (need) => (newest.get(split(need)[0])?.size ?? 0) > 1;

const work = rows.filter((row) => row[0] !== "root");
const lines = [];
async function next() {
  for (let row = work.pop(); row; row = work.pop()) {
    const [name, version] = split(row[0]);
    const answer = await fetch(`${registry}${name.replace("/", "%2f")}/${version}`);
    // Installed under another name than its own.
    if (answer.status === 404) continue;
    if (!answer.ok) throw new Error(`${row[0]}: ${answer.status}`);
    const { dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta } = await answer.json();
    const ranges = { ...dependencies, ...optionalDependencies };
    for (const need of row[4].split(" ").filter(several)) {
      const [needed, got] = split(need);
      const fits = ([major, version]) => major !== semver.major(got) && semver.satisfies(version, ranges[needed] ?? got);
      const others = [...newest.get(needed)].filter(fits).map(([major]) => major);
      if (others.length) lines.push(`${row[0]}\t${need}\t${others.sort((a, b) => a - b).join(" ")}\n`);
    }
    const spared = (peer) => peerDependenciesMeta?.[peer]?.optional && !(peer in ranges) && asked.has(peer);
    const peers = Object.keys(peerDependencies ?? {}).filter(spared);
    if (peers.length) lines.push(`${row[0]}\t-\t${peers.sort().join(" ")}\n`);
  }
}
await Promise.all(Array.from({ length: 8 }, next));
writeFileSync(out, lines.sort().join(""));
