// The page's first script. It shows the editor at once, with the draft that was left behind or the
// text that stands in the page, and only then waits for the WebAssembly part to take it over.

import { adoptStyles } from "./adopted-styles.ts";
import { createEditor, type Editor, type EditorOptions } from "./editor.ts";
import { loadFonts } from "./fonts.ts";
import lessonsFile from "../assets/lessons.bin";
import packagesFile from "../assets/packages.bin";

/** What the WebAssembly part gets. `web/src/editor.rs` declares the same on its side. */
export interface Boot {
  /** What the editor showed before anything was typed. */
  shown: string;
  /** The editor that stands in the page already. */
  readonly editor: Editor;
  /** The lessons, packed; undefined where they could not be had. */
  readonly lessons: Uint8Array | undefined;
  /**
   * Fetches the tables of packages, which nobody waits for, and calls `done` with them; never where
   * they cannot be had.
   */
  packages(done: (tables: Uint8Array) => void): void;
  /** Makes another one. */
  createEditor(parent: HTMLElement, doc: string, options: EditorOptions): Editor;
}

/** What `wasm-bindgen --target web` makes of the crate `web`. */
interface App {
  default(init: { module_or_path: string | URL }): Promise<unknown>;
  mount(root: HTMLElement, boot: Boot): void;
}

function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`index.html has no element with the id ${id}`);
  return found;
}

/** The address of a file that the page's head preloads: its name has a hash and is known there. */
function preloaded(selector: string): string {
  const link = document.head.querySelector<HTMLLinkElement>(selector);
  if (!link) throw new Error(`index.html has no ${selector}`);
  return link.href;
}

/** What `web/src/browser.rs` keeps under a name; null where the browser keeps nothing for us. */
function stored(name: string): string | null {
  try {
    return localStorage.getItem(`stagecraft:${name}`);
  } catch {
    return null;
  }
}

/** The draft of the lesson that the address names, or of the last one. */
function draft(): string | null {
  const slug = /^#\/lesson\/([a-z0-9-]+)$/.exec(location.hash)?.[1] ?? stored("last") ?? "";
  return stored(`draft:${slug}:Dockerfile`);
}

/** The bytes of a file that stands beside this one. */
async function bytes(file: string): Promise<Uint8Array | undefined> {
  try {
    const answer = await fetch(new URL(file, import.meta.url));
    return answer.ok ? new Uint8Array(await answer.arrayBuffer()) : undefined;
  } catch {
    return undefined;
  }
}

async function start(): Promise<void> {
  const theme = stored("theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset["theme"] = theme;
  adoptStyles();
  const place = element("boot-editor");
  const text = element("boot-text");
  const doc = draft() ?? text.textContent ?? "";
  text.remove();
  const editor = createEditor(place, doc, { label: "Dockerfile" });
  const [app, lessons] = await Promise.all([
    import(preloaded("link[rel=modulepreload]")) as Promise<App>,
    bytes(lessonsFile),
  ]);
  await app.default({ module_or_path: preloaded("link[rel=preload][as=fetch]") });
  const packages = (done: (tables: Uint8Array) => void): void => {
    void bytes(packagesFile).then((tables) => tables && done(tables));
  };
  app.mount(element("app"), { editor, shown: doc, lessons, packages, createEditor });
  loadFonts();
}

start().catch((error: unknown) => {
  const note = document.getElementById("boot-failure");
  if (note) note.hidden = false;
  // Re-thrown so that it reaches the console, and whoever listens there, with its stack.
  throw error;
});
