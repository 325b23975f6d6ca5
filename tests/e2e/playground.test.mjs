// What a learner does: reads, types, sees, mends, goes on, comes back.

import assert from "node:assert/strict";
import { accessibilityFaults, address, browserTests, editor, started } from "./page.mjs";

/** Replaces the text of the Dockerfile by typing. */
async function write(page, text) {
  await editor(page).click();
  await page.keyboard.press("Control+a");
  await page.keyboard.press("Delete");
  await page.keyboard.insertText(text);
}

const TWO_STAGES = `FROM golang:1.22 AS builder
WORKDIR /app
COPY . .
RUN CGO_ENABLED=0 go build -o /bin/myapp
FROM alpine:3.20
COPY --from=builder /bin/myapp /bin/myapp
CMD ["/bin/myapp"]
`;

browserTests((pageTest) => {
  pageTest("problems, graph and sizes follow what is typed, and goals are met", async (page) => {
    await started(page);
    await page.getByText("895 MB").first().waitFor();
    await page.getByText("Goals: 0 of 3").waitFor();
    await write(page, TWO_STAGES);
    await page.locator(".node.is-stage").nth(1).waitFor();
    await page.locator(".edge.is-copy").first().waitFor();
    await page.getByText(/14\.8 MB instead of 895 MB in one stage: 98 % less/).waitFor();
    await page.getByText(/881 MB less than the lesson's start/).waitFor();
    await page.getByText("Goals: 3 of 3").waitFor();
    await write(page, TWO_STAGES.replace("--from=builder", "--from=9"));
    await page.locator(".problem").getByText("there is no stage with the number 9").waitFor();
    assert.deepEqual(await accessibilityFaults(page), []);
  });

  pageTest("hidden bytes lead to both lines, and the size of an unknown base can be typed", async (page) => {
    await started(page);
    await write(page, "FROM registry.example/base\nCOPY . /app/\nRUN chown -R 1000 /app\n");
    const line = (name) => page.locator(".sizes__waste").getByRole("button", { name }).first();
    for (const [name, text] of [
      ["line 2", "COPY"],
      ["line 3", "RUN"],
    ]) {
      await line(name).click();
      await page.locator(".cm-activeLine").getByText(text).waitFor();
    }
    await page.getByLabel(/Size of registry\.example\/base/).fill("100");
    await page.keyboard.press("Tab");
    await page.locator(".sizes__headline").getByText("100 MB").waitFor();
    assert.deepEqual(await accessibilityFaults(page), []);
  });

  pageTest("a fix is applied from the list of problems and can be undone", async (page) => {
    await started(page);
    await write(page, "FROM alpine:3.20 AS Base\n");
    await page.getByRole("button", { name: "write base" }).click();
    await page.waitForFunction(() => document.querySelector(".cm-content")?.textContent.includes("AS base"));
    await editor(page).click();
    await page.keyboard.press("Control+z");
    await page.waitForFunction(() => document.querySelector(".cm-content")?.textContent.includes("AS Base"));
  });

  pageTest("all safe fixes are applied at once", async (page) => {
    await started(page);
    await write(page, "FROM alpine:3.20 AS Base\nENV a b\nEXPOSE 80/TCP\n");
    await page.getByRole("button", { name: /^Apply all \d+ safe fixes$/ }).click();
    await page.waitForFunction(() => {
      const text = document.querySelector(".cm-content").textContent;
      return ["AS base", "a=b", "80/tcp"].every((part) => text.includes(part));
    });
    assert.deepEqual(await accessibilityFaults(page), []);
  });

  pageTest("every lesson opens by keyboard, starts unmet and weighs something", async (page) => {
    await started(page);
    const seen = new Set();
    for (let turn = 0; turn < 30; turn++) {
      const title = await page.locator("#lesson-title").textContent();
      if (seen.has(title)) break;
      seen.add(title);
      const [, met, all] = /^Goals: (\d) of (\d)$/.exec(await page.locator("#goals-title").textContent());
      assert.ok(Number(met) < Number(all), `${title} starts with all goals met`);
      assert.ok((await page.locator(".sizes__stage").count()) > 0, title);
      const select = page.locator(".bar__pick select");
      await select.focus();
      await page.keyboard.press("ArrowDown");
      await page.waitForFunction((old) => document.querySelector("#lesson-title").textContent !== old, title, { timeout: 1_500 }).catch(() => {});
    }
    assert.ok(seen.size >= 13, `${seen.size} lessons: ${[...seen].join(", ")}`);
  });

  pageTest(
    "a lesson that is opened by its address starts with its own files",
    async (page) => {
      await page.goto(`${address}#/lesson/install-before-you-copy`);
      await started(page);
      await page.waitForFunction(() => document.querySelector(".cm-content")?.textContent.includes("FROM node"));
      await page.reload();
      await started(page);
      await page.waitForFunction(() => document.querySelector(".cm-content")?.textContent.includes("FROM node"));
    },
    { goto: false },
  );

  pageTest("a draft survives a reload, and the start can be had again", async (page) => {
    await started(page);
    await write(page, "FROM alpine:3.20 AS mine\n");
    await page.locator(".node.is-stage").getByText("mine").waitFor();
    await page.reload();
    await started(page);
    await page.waitForFunction(() => document.querySelector(".cm-content")?.textContent.includes("AS mine"));
    await page.getByRole("button", { name: "Start over" }).click();
    await page.waitForFunction(() => document.querySelector(".cm-content")?.textContent.includes("golang"));
    await editor(page).click();
    await page.keyboard.press("Control+z");
    await page.waitForFunction(() => document.querySelector(".cm-content")?.textContent.includes("AS mine"));
  });

  pageTest("a hint comes when it is asked for, and then a solution", async (page) => {
    await started(page);
    for (const name of ["Give me a hint", "Another hint", "Another hint", "Show a solution"]) {
      await page.getByRole("button", { name }).click();
    }
    assert.equal(await page.locator(".goals__hint").count(), 3);
    await page.getByText("Goals: 3 of 3").waitFor();
  });

  pageTest("typing over a selection breaks no policy and closes brackets around it", async (page) => {
    await started(page);
    await editor(page).click();
    await page.keyboard.press("Control+a");
    await page.keyboard.type("FROM alpine:3.20 AS typed");
    await page.locator(".node.is-stage").getByText("typed").waitFor();
    await page.keyboard.press("Control+a");
    await page.keyboard.type("[");
    await page.waitForFunction(() => document.querySelector(".cm-content")?.textContent.startsWith("[FROM"));
  });

  pageTest("the shown solution of every lesson meets its goals", async (page) => {
    await started(page);
    const slugs = await page.locator(".bar__pick option").evaluateAll((options) => options.map((option) => option.value));
    assert.ok(slugs.length >= 13);
    for (const slug of slugs) {
      await page.evaluate((slug) => (location.hash = `#/lesson/${slug}`), slug);
      await page.waitForFunction((slug) => document.querySelector(".bar__pick select")?.value === slug, slug);
      const solution = page.getByRole("button", { name: "Show a solution" });
      const hint = page.getByRole("button", { name: /hint/ });
      for (let turn = 0; turn < 6 && !(await solution.isVisible()); turn++) await hint.click();
      await solution.click();
      await page.getByText(/^Goals: (\d) of \1$/).waitFor({ timeout: 3_000 }).catch(() => assert.fail(slug));
    }
  });

  pageTest("tabs of files are walked by arrow keys, and the skip link leads to the text", async (page) => {
    await started(page);
    await page.getByRole("tab", { name: "Dockerfile" }).focus();
    for (const name of [".dockerignore", "Dockerfile", ".dockerignore"]) {
      await page.keyboard.press("ArrowRight");
      await page.waitForFunction((name) => document.activeElement.textContent.startsWith(name), name);
    }
    await page.locator(".skip").focus();
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.activeElement.getAttribute("aria-label") === "Dockerfile");
  });

  pageTest("a finding leads to its rule, and back to what was written", async (page) => {
    await started(page);
    await write(page, "FROM alpine:3.20 AS Base\n");
    await page.getByRole("link", { name: "stage-name-casing" }).click();
    await page.locator("#rule-title").getByText("stage-name-casing").waitFor();
    await page.getByRole("link", { name: "All rules" }).click();
    await page.locator(".rule__list li").nth(29).waitFor();
    assert.deepEqual(await accessibilityFaults(page), []);
    await page.getByRole("link", { name: /^Back to/ }).click();
    await page.locator("#lesson-title").waitFor();
    assert.match(await editor(page).textContent(), /AS Base/);
    await page.evaluate(() => (location.hash = "#/rule/no-such"));
    await page.getByText("No such rule").waitFor();
  });

  pageTest("known images and their tags are proposed, the newest first", async (page) => {
    await started(page);
    await editor(page).click();
    await page.keyboard.press("Control+a");
    await page.keyboard.press("Delete");
    await page.keyboard.type("FROM golang:1");
    const options = page.locator(".cm-tooltip-autocomplete li");
    await options.first().waitFor();
    assert.match(await options.first().textContent(), /^golang:1\.\d\d/);
    await page.keyboard.press("Escape");
  });

  pageTest("a build fills the cache, and a change says which steps run and why", async (page) => {
    await started(page);
    await write(page, TWO_STAGES);
    const build = page.locator("#build");
    await build.getByText("4 of 4 steps run").waitFor();
    await build.getByRole("button", { name: "Build", exact: true }).click();
    await build.getByText("all cached").waitFor();
    await write(page, TWO_STAGES.replace("CGO_ENABLED=0 ", ""));
    await build.getByText(/^1 to 2 of 4 steps run$/).waitFor();
    await build.getByText("its words are new").waitFor();
    await build.getByText("perhaps", { exact: true }).waitFor();
    await write(page, TWO_STAGES);
    await build.getByText("all cached").waitFor();
    const context = page.locator("#context");
    await context.getByRole("button", { name: /^Change / }).first().click();
    await build.getByRole("button", { name: /has another content/ }).click();
    await page.locator("#context:focus").waitFor();
    assert.deepEqual(await accessibilityFaults(page), []);
  });

  pageTest("an argument that is given says why a step runs, and leads to its ARG", async (page) => {
    await started(page);
    await write(page, "FROM alpine:3.20\nARG MODE=fast\nRUN echo $MODE > /mode\n");
    const build = page.locator("#build");
    await build.getByRole("button", { name: "Build", exact: true }).click();
    await build.getByText("all cached").waitFor();
    await build.getByText("Options").click();
    const mode = build.getByRole("textbox", { name: "MODE" });
    assert.equal(await mode.getAttribute("placeholder"), "fast");
    await mode.fill("slow");
    await build.getByText("MODE=slow").waitFor();
    await build.getByRole("button", { name: "MODE has another value" }).click();
    await page.locator(".inspector").getByText("Line 2").waitFor();
    await mode.fill("");
    await build.getByText("all cached").waitFor();
    await build.getByLabel(/Run every step/).check();
    await build.getByText("1 of 1 steps run").waitFor();
    assert.deepEqual(await accessibilityFaults(page), []);
  });

  pageTest("the context says what becomes of each file, and files come and go", async (page) => {
    await started(page);
    await page.evaluate(() => (location.hash = "#/lesson/what-you-send"));
    await page.locator("#lesson-title").getByText("What you send").waitFor();
    const context = page.locator("#context");
    const row = (path) => context.locator(".context__file").filter({ hasText: path });
    await row("server.js").getByText("sent", { exact: true }).waitFor();
    await page.getByRole("tab", { name: ".dockerignore" }).click();
    await page.getByRole("textbox", { name: ".dockerignore" }).click();
    await page.keyboard.press("Control+a");
    await page.keyboard.insertText(".git\n");
    await row(".git/").getByText("ignored, line 1").waitFor();
    await context.getByRole("textbox").fill("notes.md");
    await page.keyboard.press("Enter");
    await row("notes.md").getByText("sent", { exact: true }).waitFor();
    await context.getByRole("button", { name: "Remove notes.md" }).click();
    await row("notes.md").waitFor({ state: "detached" });
    await context.getByRole("button", { name: "Remove server.js" }).click();
    await context.getByRole("button", { name: "Undo all" }).click();
    await row("server.js").waitFor();
    assert.deepEqual(await accessibilityFaults(page), []);
  });

  pageTest("the target's bar is there however many stages there are", async (page) => {
    await started(page);
    await write(page, "FROM alpine:3.20\n".repeat(60));
    await page.locator(".sizes__stage.is-target").waitFor();
  });

  pageTest(
    "on a phone each part has a view of its own",
    async (page) => {
      await started(page);
      for (const [name, part] of [
        ["Lesson", "#lesson-title"],
        ["Graph", "#graph-title"],
        ["Problems", "#problems-title"],
        ["Sizes", "#sizes-title"],
        ["Code", ".cm-content"],
      ]) {
        await page.locator(".views__button", { hasText: name }).click();
        await page.locator(part).first().waitFor({ state: "visible" });
        const others = ["#lesson-title", "#graph-title", "#problems-title", "#sizes-title", ".cm-content"];
        for (const other of others.filter((other) => other !== part)) {
          assert.ok(!(await page.locator(other).first().isVisible()), `${other} beside ${part}`);
        }
      }
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(width <= 390, `${width} px`);
    },
    { viewport: { width: 390, height: 844 } },
  );
});
