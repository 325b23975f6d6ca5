// The rest of the app: what a first visit does not run until it has its analysis. `cargo xtask build`
// cuts it off (xtask/src/page/split.rs) and index.html names it. Where the app needs a part of it
// before it is there, it waits for it, and the page with it.

import type { Editor } from "./editor.ts";

/** What the first part of the app exports for its rest. */
export interface First {
  /** The table of functions; the last one fetches the rest. */
  restTable: WebAssembly.Table;
  restIsThere: WebAssembly.Global<"i32">;
}

/** A module that exports the function that it imports: only functions of wasm can stand in a table. */
const PASS = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 2, 5, 1, 0, 0, 0, 0, 7, 4, 1, 0, 0, 0]);

/** A module of nothing but a section that means nothing, larger than some browsers compile at once. */
function large(): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(6000);
  bytes.set([0, 97, 115, 109, 1, 0, 0, 0, 0, 0xe5, 0x2e]);
  return bytes;
}

/** Whether the app can wait for its rest: Chrome before 115 compiles only 4 kB while a page waits. */
export function canWait(): boolean {
  try {
    return new WebAssembly.Module(large()) instanceof WebAssembly.Module;
  } catch {
    return false;
  }
}

/** How long to wait where the network failed, in milliseconds. */
export const AGAIN = 3000;

/** Makes the first part call for the rest, which is at `address`, where it cannot go on without it. */
export function join(first: First, address: string): void {
  const { restTable: table, restIsThere: isThere } = first;
  const now = () => {
    const module = new WebAssembly.Module(bytesNow(address));
    new WebAssembly.Instance(module, { "": { ...first } });
    isThere.value = 1;
  };
  const pass = new WebAssembly.Instance(new WebAssembly.Module(PASS), { "": { "": now } });
  table.set(table.length - 1, pass.exports[""]);
}

/** The bytes of the rest, however long it takes; fails where the page's own host does not have it. */
export async function rest(address: string): Promise<ArrayBuffer> {
  for (;;) {
    const answer = await fetch(address).catch(() => undefined);
    // The network may fail between the two, as well.
    const bytes = answer?.ok ? await answer.arrayBuffer().catch(() => undefined) : undefined;
    if (bytes) return bytes;
    if (answer && !answer.ok) throw new Error(`${address}: ${answer.status}`);
    await new Promise((resolve) => setTimeout(resolve, AGAIN));
  }
}

/** Completes the app. */
export async function complete(first: First, bytes: ArrayBuffer): Promise<void> {
  // It holds nothing of its own: twice is as good as once.
  await WebAssembly.instantiate(bytes, { "": { ...first } });
  first.restIsThere.value = 1;
}

/**
 * An editor that tells the app what happens in it, and asks it, only once all of it is there. Where
 * somebody types before, `hurry` is called.
 */
export function patient(editor: Editor, whole: Promise<unknown>, hurry: () => void): Editor {
  let isWhole = false;
  whole.then(() => (isWhole = true), () => undefined);
  const then = (tell: () => void) => {
    if (isWhole) return tell();
    hurry();
    whole.then(tell, () => undefined);
  };
  return {
    ...editor,
    onChange: (listener) => editor.onChange((doc) => then(() => listener(doc))),
    onCursor: (listener) => editor.onCursor((...place) => then(() => listener(...place))),
    setCompletions: (source) => editor.setCompletions(source && ((...asked) => (isWhole ? source(...asked) : null))),
    setHover: (source) => editor.setHover(source && ((...asked) => (isWhole ? source(...asked) : null))),
  };
}

/** The bytes at an address, before anything else happens on the page. */
function bytesNow(address: string): Uint8Array<ArrayBuffer> {
  const request = new XMLHttpRequest();
  request.open("GET", address, false);
  // Where a page waits, a browser hands out no bytes but as letters.
  request.overrideMimeType("text/plain; charset=x-user-defined");
  request.send();
  if (request.status !== 200) throw new Error(`${address}: ${request.status}`);
  return Uint8Array.from(request.responseText, (letter) => letter.charCodeAt(0) & 255);
}
