// Brackets and their partners. The text alone decides: nothing else knows a Dockerfile's brackets.

import { StateField, type EditorState, type Extension, type Range } from "@codemirror/state";
import { Decoration, EditorView, type DecorationSet } from "@codemirror/view";

/** Opening and closing ones in turn. */
const BRACKETS = "()[]{}";
/** How far a partner is looked for, in UTF-16 units. */
const FAR = 10_000;

/** A bracket and its partner. */
export interface Match {
  start: { from: number; to: number };
  /** What closes it, or opens it; missing where the text has none. */
  end?: { from: number; to: number };
  /** Whether the two are of one kind. */
  matched: boolean;
}

/**
 * The partner of the bracket that stands behind `position` and opens (`direction` 1), or in front of
 * it and closes (-1); null where there is no such bracket.
 */
export function matchBrackets(state: EditorState, position: number, direction: -1 | 1): Match | null {
  const forward = direction > 0;
  const from = forward ? position : Math.max(position - FAR, 0);
  const text = state.sliceDoc(from, forward ? position + FAR : position);
  const first = forward ? 0 : text.length - 1;
  const kind = text === "" ? -1 : BRACKETS.indexOf(text.charAt(first));
  const opens = (bracket: number) => (bracket % 2 === 0) === forward;
  if (kind < 0 || !opens(kind)) return null;
  const span = (at: number) => ({ from: from + at, to: from + at + 1 });
  let depth = 0;
  for (let at = first; at >= 0 && at < text.length; at += direction) {
    const bracket = BRACKETS.indexOf(text.charAt(at));
    if (bracket < 0) continue;
    depth += opens(bracket) ? 1 : -1;
    if (depth === 0) return { start: span(first), end: span(at), matched: bracket >> 1 === kind >> 1 };
  }
  // What is too far away may be there.
  return text.length >= FAR ? null : { start: span(first), matched: false };
}

const matching = Decoration.mark({ class: "cm-matchingBracket" });
const alone = Decoration.mark({ class: "cm-nonmatchingBracket" });

function marksOf(state: EditorState): DecorationSet {
  const marks: Range<Decoration>[] = [];
  for (const { head, empty } of state.selection.ranges) {
    if (!empty) continue;
    const match =
      matchBrackets(state, head, -1) ??
      (head > 0 ? matchBrackets(state, head - 1, 1) : null) ??
      matchBrackets(state, head, 1) ??
      (head < state.doc.length ? matchBrackets(state, head + 1, -1) : null);
    if (!match) continue;
    const mark = match.matched ? matching : alone;
    for (const { from, to } of match.end ? [match.start, match.end] : [match.start]) marks.push(mark.range(from, to));
  }
  return Decoration.set(marks, true);
}

const shown = StateField.define<DecorationSet>({
  create: marksOf,
  update: (marks, { docChanged, selection, state }) => (docChanged || selection ? marksOf(state) : marks),
  provide: (field) => EditorView.decorations.from(field),
});

/** Marks the bracket at the cursor and its partner. */
export const bracketMatching: Extension = [
  shown,
  EditorView.baseTheme({
    "&.cm-focused .cm-matchingBracket": { backgroundColor: "#328c8252" },
    "&.cm-focused .cm-nonmatchingBracket": { backgroundColor: "#bb555544" },
  }),
];
