// The sites of `examples/` as their generators have built them, with a site of ours in `stagecraft`.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { browserTests } from "../e2e/page.mjs";
import { site } from "../forms/forms.mjs";
import { serve } from "../forms/server.mjs";

const examples = process.env.STAGECRAFT_EXAMPLES;
if (!examples) throw new Error("STAGECRAFT_EXAMPLES is not set: run this through `cargo xtask test --only examples`");

/** What mdBook says itself: the highlighter that it brings does not know Dockerfiles. */
const ofMdbook = /Could not find the language 'dockerfile'|Falling back to no-highlight mode/;

browserTests((pageTest) => {
  for (const [name, folder, built, start, own] of [
    ["mdBook", "mdbook", "book", "two-stages.html", ofMdbook],
    ["VitePress", "vitepress", ".vitepress/dist", ""],
    ["MkDocs", "mkdocs", "site", ""],
  ]) {
    const dir = join(examples, folder, built);
    const isLeftOut = existsSync(join(examples, folder, "left-out"));
    pageTest(
      `${name}: a Dockerfile of the page becomes a playground on a click`,
      async (page, { faults }) => {
        const server = await serve(dir, {
          change(path) {
            // Browsers ask for one that nobody has named.
            if (path === "favicon.ico") return "";
            if (!path.startsWith("stagecraft/")) return undefined;
            return readFileSync(join(site, path.slice("stagecraft/".length)));
          },
        });
        try {
          await page.goto(server.address + start);
          await page.getByRole("button", { name: "Try it" }).click();
          const frame = page.locator("dockerfile-playground iframe").contentFrame();
          await frame.locator(".node.is-stage").getByText("build", { exact: true }).waitFor();
          const text = await page.evaluate(() => document.querySelector("dockerfile-playground").getState());
          assert.match(text.dockerfile, /^FROM golang:1\.22 AS build\nWORKDIR \/src\nCOPY \. \.\nRUN /);
          assert.equal(await page.locator("pre:visible").count(), 0, "the block has given way");
          faults.splice(0, Infinity, ...faults.filter((fault) => !own?.test(fault)));
        } finally {
          await server.close();
        }
      },
      {
        goto: false,
        allowed: ({ hostname }) => hostname === "127.0.0.1",
        skip: isLeftOut && `skipped, as ${name} cannot be had here (examples/README.md says what it needs)`,
      },
    );
  }
});
