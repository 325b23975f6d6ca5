// Where `cargo xtask test` has put the forms of the page.

import { readdirSync } from "node:fs";
import { join, relative } from "node:path";

/** The folder that holds `site`, the archive and the file. */
export const dist = process.env.STAGECRAFT_DIST ?? missing();
/** The site. */
export const site = join(dist, "site");

function missing() {
  throw new Error("STAGECRAFT_DIST is not set: run this through `cargo xtask test --only dist-e2e`");
}

/** All files below a folder. */
export function filesOf(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath ?? entry.path, entry.name)));
}
