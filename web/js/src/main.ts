// The page's first script. It shows the editor at once, with the text that stands in the page or
// the draft that was left behind, and only then waits for the WebAssembly part to take it over.

import { adoptStyles } from "./adopted-styles.ts";
import { createEditor, type Editor, type EditorOptions } from "./editor.ts";

/** What the WebAssembly part gets. `web/src/editor.rs` declares the same on its side. */
export interface Boot {
  /** The editor that stands in the page already. */
  readonly editor: Editor;
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

async function start(): Promise<void> {
  adoptStyles();
  const place = element("boot-editor");
  const text = element("boot-text");
  const doc = text.textContent ?? "";
  text.remove();
  const editor = createEditor(place, doc, { label: "Dockerfile" });
  const app = (await import(preloaded("link[rel=modulepreload]"))) as App;
  await app.default({ module_or_path: preloaded("link[rel=preload][as=fetch]") });
  app.mount(element("app"), { editor, createEditor });
}

start().catch((error: unknown) => {
  const note = document.getElementById("boot-failure");
  if (note) note.hidden = false;
  // Re-thrown so that it reaches the console, and whoever listens there, with its stack.
  throw error;
});
