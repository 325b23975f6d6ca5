// Runs the app as a first visit does, until it has drawn its first analysis, and writes which places
// of its code that took: a digit for each, 1 where it was reached (see xtask/src/page/split.rs).
//
// node first-visit.mjs OUT <JavaScript of wasm-bindgen> <watched wasm> <packed first lesson> <index.html>

import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { Window } from "happy-dom";

const [out, glue, ...inputs] = process.argv.slice(2);
const [wasm, lessons, page] = inputs.map((path) => readFileSync(path));

const window = new Window({ url: "http://localhost/" });
window.document.write(page.toString().replaceAll(/<(link|script)\b[^>]*>/g, ""));
// The app asks for the browser's globals by their names.
globalThis.window = window;
globalThis.Window = window.constructor;
Object.setPrototypeOf(globalThis, window);
for (const name of ["document", "location", "localStorage"]) {
  Object.defineProperty(globalThis, name, { value: window[name] });
}

const nothing = () => undefined;

/** An editor that has a text and an element; all else that it is asked to do is nothing. */
function createEditor(_parent, doc) {
  const set = (text) => void (doc = text);
  const dom = window.document.createElement("div");
  const editor = {
    dom,
    moveInto: (place) => place.append(dom),
    getDoc: () => doc,
    setDoc: set,
    resetDoc: set,
    onChange: () => nothing,
    onCursor: () => nothing,
  };
  return new Proxy(editor, { get: (methods, name) => methods[name] ?? nothing });
}

const app = await import(pathToFileURL(glue));
const exports = await app.default({ module_or_path: wasm });
const root = window.document.getElementById("app");
const shown = window.document.getElementById("boot-text").textContent;
const editor = createEditor(root, shown);
app.mount(root, {
  shown,
  editor,
  lessons: new Uint8Array(lessons),
  given: null,
  listens: false,
  createEditor,
  allLessons: nothing,
  isWhole: false,
  whenWhole: nothing,
  packages: nothing,
  connect: nothing,
});

// What is drawn is drawn by microtasks; what it takes is over when nothing has changed for a while.
const watches = Object.keys(exports).filter((name) => /^watch\d+$/.test(name));
const seen = () => watches.map((_, number) => exports[`watch${number}`].value).join("");
async function quiet() {
  let before;
  do {
    before = seen();
    await new Promise((resolve) => setTimeout(resolve, 100));
  } while (seen() !== before);
}

await quiet();
if (!root.querySelector(".node.is-stage")) throw new Error("the app has drawn no stage");
// Whoever types at once shall not wait: the app hears of it, as of all that happens below its root.
for (const type of ["click", "keydown", "input", "change"]) {
  editor.dom.dispatchEvent(new window.Event(type, { bubbles: true, composed: true }));
}
await quiet();
writeFileSync(out, seen());
process.exit();
