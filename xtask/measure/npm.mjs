// Measures what `npm install` writes, one package a line.
//
//     node npm.mjs ROOTS OUT FOLDER [BEFORE]
//
// ROOTS names packages, one a line. Each is installed for real into a project of its own in FOLDER,
// without running the scripts of packages, and every package that came along is weighed. OUT is
// appended to, so that a stopped run goes on where it was. A line is
//
//     name@version  bytes  tarball's bytes  index page's bytes  direct needs  peers
//
// with tabs between and needs as name@version; sizes of what npm had fetched before and did
// not keep are 0. For what was asked for there is: `root  name  name@version`.
//
// BEFORE is a time: versions are taken as they were then, so that what is added to an older OUT fits
// to it. npm then fetches other pages of the index than usual, which are not counted (0).
import { execFileSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve as resolvePath } from "node:path";

const [rootsFile, out, folder] = process.argv.slice(2, 5).map((path) => resolvePath(path));
const before = process.argv[5];
const lines = existsSync(out) ? readFileSync(out, "utf8").split("\n") : [];
const done = new Set(lines.map((line) => line.split("\t")[0]));
const roots = new Set(lines.filter((line) => line.startsWith("root\t")).map((line) => line.split("\t")[1]));
const cache = join(folder, "cache");
mkdirSync(folder, { recursive: true });

/** Sizes in npm's cache by what was fetched. */
function cached() {
  const sizes = new Map();
  const walk = (dir) => {
    for (const entry of readdirSync(dir, { withFileTypes: true })) {
      const path = join(dir, entry.name);
      if (entry.isDirectory()) walk(path);
      else
        for (const line of readFileSync(path, "utf8").split("\n")) {
          const at = line.indexOf("\t");
          if (at < 0) continue;
          try {
            const item = JSON.parse(line.slice(at + 1));
            const url = item.key.replace(/^.*request-cache:/, "");
            sizes.set(decodeURIComponent(new URL(url).pathname), item.size ?? 0);
          } catch {}
        }
    }
  };
  if (existsSync(join(cache, "_cacache/index-v5"))) walk(join(cache, "_cacache/index-v5"));
  return sizes;
}

/** Bytes below `dir` without nested packages. */
function weigh(dir, top = true) {
  let bytes = 0;
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isSymbolicLink() || (top && entry.name === "node_modules")) continue;
    bytes += entry.isDirectory() ? weigh(path, false) : statSync(path).size;
  }
  return bytes;
}

/** All package folders of a project. */
function* packages(modules) {
  if (!existsSync(modules)) return;
  for (const entry of readdirSync(modules, { withFileTypes: true })) {
    if (!entry.isDirectory() || entry.name.startsWith(".")) continue;
    const inside = entry.name.startsWith("@") ? readdirSync(join(modules, entry.name)).map((name) => join(entry.name, name)) : [entry.name];
    for (const name of inside) {
      const dir = join(modules, name);
      if (!existsSync(join(dir, "package.json"))) continue;
      yield [name, dir];
      yield* packages(join(dir, "node_modules"));
    }
  }
}

for (const root of readFileSync(rootsFile, "utf8").split(/\s+/).filter(Boolean)) {
  if (roots.has(root)) continue;
  const project = join(folder, "project");
  rmSync(project, { recursive: true, force: true });
  mkdirSync(project);
  writeFileSync(join(project, "package.json"), "{}");
  try {
    execFileSync("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", `--cache=${cache}`, ...(before ? [`--before=${before}`] : []), root], {
      cwd: project,
      stdio: "ignore",
      timeout: 240_000,
    });
  } catch {
    appendFileSync(out, `root\t${root}\t-\n`);
    continue;
  }
  const sizes = cached();
  const modules = join(project, "node_modules");
  const read = (dir) => JSON.parse(readFileSync(join(dir, "package.json"), "utf8"));
  const resolve = (from, name) => {
    for (let dir = from; dir.startsWith(project); dir = dirname(dir)) {
      const found = join(dir, "node_modules", name);
      if (existsSync(join(found, "package.json"))) return `${name}@${read(found).version}`;
    }
  };
  for (const [name, dir] of packages(modules)) {
    const own = read(dir);
    const key = `${name}@${own.version}`;
    if (done.has(key)) continue;
    done.add(key);
    const direct = Object.keys({ ...own.dependencies, ...own.optionalDependencies });
    // A peer that may be missing is there only because another package wants it.
    const optional = (need) => own.peerDependenciesMeta?.[need]?.optional;
    const beside = Object.keys(own.peerDependencies ?? {}).filter((need) => !direct.includes(need) && !optional(need));
    const found = (names) => names.map((need) => resolve(dir, need)).filter(Boolean).sort().join(" ");
    const base = name.split("/").pop();
    const tarball = sizes.get(`/${name}/-/${base}-${own.version}.tgz`) ?? 0;
    appendFileSync(out, [key, weigh(dir), tarball, before ? 0 : (sizes.get(`/${name}`) ?? 0), found(direct), found(beside)].join("\t") + "\n");
  }
  const version = read(join(modules, root.replace(/(.)@.*$/, "$1"))).version;
  appendFileSync(out, `root\t${root}\t${root.replace(/(.)@.*$/, "$1")}@${version}\n`);
}
