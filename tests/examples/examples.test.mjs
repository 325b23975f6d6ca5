// The sites of `examples/` as their generators have built them, with a site of ours in `stagecraft`.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { browserTests } from "../e2e/page.mjs";
import { site } from "../forms/forms.mjs";
import { serve } from "../forms/server.mjs";

const examples = process.env.STAGECRAFT_EXAMPLES;
if (!examples) throw new Error("STAGECRAFT_EXAMPLES is not set: run this through `cargo xtask test --only examples`");

browserTests((pageTest) => {
  for (const [name, folder, start] of [
    ["mdBook", "mdbook/book", "two-stages.html"],
    ["VitePress", "vitepress/.vitepress/dist", ""],
    ["MkDocs", "mkdocs/site", ""],
  ]) {
    const dir = join(examples, folder);
    pageTest(
      `${name}: a Dockerfile of the page becomes a playground on a click`,
      async (page) => {
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
        } finally {
          await server.close();
        }
      },
      {
        goto: false,
        allowed: ({ hostname }) => hostname === "127.0.0.1",
        skip: existsSync(dir) ? false : `skipped, as ${name} has built nothing (examples/README.md says what it needs)`,
      },
    );
  }
});
