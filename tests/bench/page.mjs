// What runs in the page: the same work over the same files, ours and others'.

import { DockerfileParser } from "dockerfile-ast";
import { validate } from "dockerfile-utils";
import init, { instructions, lintCount } from "stagecraft-wasm";

// What bundlers for browsers put in the place of Node's buffers: dockerfile-ast asks for one.
globalThis.Buffer ??= { from: (text) => new TextEncoder().encode(text) };

/** Some files make the others throw; the time until then counts. */
function attempt(work) {
  return (file) => {
    try {
      work(file);
    } catch {
      // As it is.
    }
  };
}

/** Milliseconds of the fastest of a few runs over all files. */
function fastest(runs, files, work) {
  let best = Infinity;
  for (let run = 0; run < runs; run++) {
    const start = performance.now();
    for (const file of files) work(file);
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

/** Microseconds a file. */
export async function measure(wasm, files) {
  await init({ module_or_path: wasm });
  const perFile = (runs, work) => (fastest(runs, files, work) * 1000) / files.length;
  return {
    "stagecraft, parse": perFile(7, (file) => instructions(file)),
    "dockerfile-ast, parse": perFile(3, attempt((file) => DockerfileParser.parse(file))),
    "stagecraft, parse and lint with all rules": perFile(5, (file) => lintCount(file)),
    "dockerfile-utils, validate": perFile(3, attempt((file) => validate(file))),
  };
}
