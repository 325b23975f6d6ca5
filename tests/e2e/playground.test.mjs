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
    await page.getByText("831 MB").first().waitFor();
    await page.getByText("Goals: 0 of 3").waitFor();
    await write(page, TWO_STAGES);
    await page.locator(".node.is-stage").nth(1).waitFor();
    await page.locator(".edge.is-copy").first().waitFor();
    await page.getByText(/16\.0 MB instead of 831 MB in one stage: 98 % less/).waitFor();
    await page.getByText("Goals: 3 of 3").waitFor();
    await write(page, TWO_STAGES.replace("--from=builder", "--from=9"));
    await page.locator(".problem").getByText("there is no stage with the number 9").waitFor();
    assert.deepEqual(await accessibilityFaults(page), []);
  });

  pageTest("a fix is applied from the list of problems and can be undone", async (page) => {
    await started(page);
    await write(page, "FROM alpine:3.20 AS Base\n");
    await page.getByRole("button", { name: "write base" }).click();
    await page.waitForFunction(() => document.querySelector(".cm-content").textContent.includes("AS base"));
    await editor(page).click();
    await page.keyboard.press("Control+z");
    await page.waitForFunction(() => document.querySelector(".cm-content").textContent.includes("AS Base"));
  });

  pageTest("every lesson opens by keyboard, starts unmet and weighs something", async (page) => {
    await started(page);
    const seen = new Set();
    for (let turn = 0; turn < 30; turn++) {
      const title = await page.locator("#lesson-title").textContent();
      if (seen.has(title)) break;
      seen.add(title);
      assert.match(await page.locator("#goals-title").textContent(), /^Goals: \d of \d$/);
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
      await page.waitForFunction(() => document.querySelector(".cm-content").textContent.includes("FROM node"));
      await page.reload();
      await started(page);
      await page.waitForFunction(() => document.querySelector(".cm-content").textContent.includes("FROM node"));
    },
    { goto: false },
  );

  pageTest("a draft survives a reload, and the start can be had again", async (page) => {
    await started(page);
    await write(page, "FROM alpine:3.20 AS mine\n");
    await page.locator(".node.is-stage").getByText("mine").waitFor();
    await page.reload();
    await started(page);
    await page.waitForFunction(() => document.querySelector(".cm-content").textContent.includes("AS mine"));
    await page.getByRole("button", { name: "Start over" }).click();
    await page.waitForFunction(() => document.querySelector(".cm-content").textContent.includes("golang"));
  });

  pageTest("a hint comes when it is asked for, and then a solution", async (page) => {
    await started(page);
    for (const name of ["Give me a hint", "Another hint", "Another hint", "Show a solution"]) {
      await page.getByRole("button", { name }).click();
    }
    assert.equal(await page.locator(".goals__hint").count(), 3);
    await page.getByText("Goals: 3 of 3").waitFor();
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
