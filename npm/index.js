// The core: a Dockerfile in, everything that can be said of it out. The WebAssembly stands in
// wasm.js as text, so that Node and every bundler take it along without being told.

import { analyzeJson, initSync } from "./core.js";
import packed from "./wasm.js";

let ready = false;

function start() {
  if (ready) return;
  const binary = atob(packed);
  initSync({ module: Uint8Array.from(binary, (letter) => letter.charCodeAt(0)) });
  ready = true;
}

/** Everything that can be said of a Dockerfile. */
export function analyze(dockerfile) {
  if (typeof dockerfile !== "string") throw new TypeError("analyze() wants the text of a Dockerfile");
  start();
  return JSON.parse(analyzeJson(dockerfile));
}
