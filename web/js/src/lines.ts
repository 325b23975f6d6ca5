// Marked lines: what the cursor, a finding, a node of the graph or a size row points at.

import { RangeSetBuilder, StateEffect, StateField, type Extension } from "@codemirror/state";
import { Decoration, EditorView, type DecorationSet } from "@codemirror/view";

const setLines = StateEffect.define<{ lines: Uint32Array; className: string }>();

const marked = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, transaction) {
    let next = marks.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (!effect.is(setLines)) continue;
      const mark = Decoration.line({ class: effect.value.className });
      const builder = new RangeSetBuilder<Decoration>();
      const { doc } = transaction.state;
      for (const line of [...new Set(effect.value.lines)].sort((a, b) => a - b)) {
        if (line < 1 || line > doc.lines) continue;
        const { from } = doc.line(line);
        builder.add(from, from, mark);
      }
      next = builder.finish();
    }
    return next;
  },
  provide: (field) => EditorView.decorations.from(field),
});

/** The extension that {@link markLines} needs. */
export const lineMarks: Extension = marked;

/** Gives `className` to the lines (numbers from 1) and takes it from all others. */
export function markLines(view: EditorView, lines: Uint32Array, className: string): void {
  view.dispatch({ effects: setLines.of({ lines, className }) });
}
