// The page's own fonts. They come after the first analysis: a text that can be read and typed into
// is worth more than its letters.

import code from "../../fonts/jetbrains-mono.woff2";
import interface_ from "../../fonts/hanken-grotesk.woff2";
import reading from "../../fonts/literata.woff2";

/** The family names that `web/styles/tokens.css` asks for, with their files. */
const families: readonly (readonly [string, string | Uint8Array<ArrayBuffer>])[] = [
  ["Stagecraft Code", code],
  ["Stagecraft Interface", interface_],
  ["Stagecraft Reading", reading],
];

/** Fetches the fonts; the page has others to fall back on. */
export function loadFonts(): void {
  for (const [family, file] of families) {
    const source = typeof file === "string" ? `url("${new URL(file, import.meta.url)}") format("woff2")` : file;
    const font = new FontFace(family, source, { weight: "400 700" });
    document.fonts.add(font);
    // Without it the page looks plainer, and that is all.
    font.load().catch(() => undefined);
  }
}
