// Pictures for people: `cargo xtask shots`. One line is printed for each.

import { join } from "node:path";
import { address, launch, started } from "./page.mjs";

const [folder] = process.argv.slice(2);
const browser = await launch();
for (const [width, height] of [
  [1440, 900],
  [390, 844],
]) {
  for (const colorScheme of ["light", "dark"]) {
    const page = await browser.newPage({ viewport: { width, height }, colorScheme, reducedMotion: "reduce" });
    await page.goto(address);
    await started(page);
    await page.evaluate(() => document.fonts.ready);
    const path = join(folder, `page-${width}-${colorScheme}.png`);
    await page.screenshot({ path, fullPage: true });
    console.log(path);
    await page.close();
  }
}
await browser.close();
