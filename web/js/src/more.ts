// What the editor can do besides showing and changing a text: proposals, brackets that close
// themselves, searching. Nobody waits for it: it is loaded behind the first analysis.

import {
  acceptCompletion,
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
  type Completion,
} from "@codemirror/autocomplete";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { Prec, type Extension } from "@codemirror/state";
import { keymap } from "@codemirror/view";
import { bracketMatching } from "./brackets.ts";
import type { Proposal, ProposalSource } from "./editor.ts";

/** The extensions; `propose` is asked for proposals. */
export function more(propose: ProposalSource): Extension {
  return [
    bracketMatching,
    closeBrackets(),
    highlightSelectionMatches(),
    autocompletion({
      override: [
        (context) => {
          const found = propose(context.state.sliceDoc(), context.pos, context.explicit);
          if (!found || found.options.length === 0) return null;
          return { from: found.from, options: found.options.map(completion) };
        },
      ],
    }),
    // Tab stays the key that leaves the editor, but for an open list of proposals. Brackets that close
    // themselves come before what the same keys do otherwise.
    Prec.high(keymap.of([{ key: "Tab", run: acceptCompletion }, ...closeBracketsKeymap])),
    keymap.of([...searchKeymap, ...completionKeymap]),
  ];
}

/** A proposal at its place: equally good ones keep the order in which they came. */
function completion(proposal: Proposal, place: number): Completion {
  const { label, kind, detail, info, insert } = proposal;
  return {
    label,
    sortText: String(place).padStart(6, "0"),
    ...(kind === undefined ? {} : { type: kind }),
    ...(detail === undefined ? {} : { detail }),
    ...(info === undefined ? {} : { info }),
    ...(insert === undefined ? {} : { apply: insert }),
  };
}
