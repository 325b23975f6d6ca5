// What runs in the page: the same work over the same files, ours and others'.
//
// What is timed: a call for each file with its text as a JavaScript string, from the call to its
// return. Ours makes UTF-8 of the string in wasm's memory (where room for most texts is kept between
// calls), reads it into the whole tree (and checks it) and gives the tree's memory back; only a
// number comes out. Others make their tree or their list of findings in JavaScript, which the
// collector takes away later.
//
// Ours and others take turns, and of each the fastest round over all files counts: what else the
// machine does meets both, and disturbs the fastest rounds least.

import { DockerfileParser } from "dockerfile-ast";
import { validate } from "dockerfile-utils";
import init, { cachedSteps, instructions, lintCount } from "stagecraft-page";
import initWhole, { lintCount as lintCountWhole } from "stagecraft-whole";

// What bundlers for browsers put in the place of Node's buffers: dockerfile-ast asks for one.
globalThis.Buffer ??= { from: (text) => new TextEncoder().encode(text) };

/** Rounds of each: the browser makes ours and others faster while they run, for some 30. */
const ROUNDS = 40;

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

/** Milliseconds of one round over all files. */
function round(files, work) {
  const start = performance.now();
  for (const file of files) work(file);
  return performance.now() - start;
}

/** Microseconds a file, by name. `stages` is a text that is edited: a key is pressed in it. */
export async function measure([page, whole], { files, stages }) {
  await init({ module_or_path: page });
  await initWhole({ module_or_path: whole });
  cachedSteps(stages);
  const edits = Array.from({ length: 20 }, (_, at) => stages.replace("ls -l", `ls -l ${at}`));
  const compared = [
    {
      "stagecraft, parse": (file) => instructions(file),
      "dockerfile-ast, parse": attempt((file) => DockerfileParser.parse(file)),
    },
    {
      "stagecraft, parse and lint as the page does": (file) => lintCount(file),
      "stagecraft, parse and lint with all rules": (file) => lintCountWhole(file),
      "dockerfile-utils, validate": attempt((file) => validate(file)),
    },
  ];
  const best = {};
  const edited = {
    "stagecraft, all after a key": (file) => cachedSteps(file),
    "dockerfile-utils, validate after a key": attempt((file) => validate(file)),
  };
  for (const works of [...compared, edited]) {
    const texts = works === edited ? edits : files;
    for (let count = 0; count < ROUNDS; count++) {
      for (const [name, work] of Object.entries(works)) {
        const micros = (round(texts, work) * 1000) / texts.length;
        best[name] = Math.min(best[name] ?? Infinity, micros);
      }
    }
  }
  return best;
}
