// Highlighting from our own tokens. The engine hands over one flat array; marks are made for what
// is on the screen only, so that a file of 100,000 lines costs as little as one of ten.

import { Prec, StateEffect, type ChangeDesc, type Extension, type Range } from "@codemirror/state";
import { Decoration, EditorView, ViewPlugin, type DecorationSet, type ViewUpdate } from "@codemirror/view";

/** Replaces the tokens: `from, to, class` again and again, in order, in UTF-16 units. */
const setTokens = StateEffect.define<{ tokens: Uint32Array; classes: readonly string[] }>();

class Tokens {
  marks: DecorationSet = Decoration.none;
  /** As the engine gave them, for the document as it was then. */
  private tokens: Uint32Array = new Uint32Array();
  /** What was typed since: until the next answer the old tokens move along with the text. */
  private since: ChangeDesc | null = null;

  /** A mark for each class. */
  private classes: readonly Decoration[] = [];
  private names: readonly string[] = [];

  constructor(view: EditorView) {
    this.draw(view);
  }

  update(update: ViewUpdate): void {
    let fresh = false;
    if (update.docChanged) {
      this.since = this.since ? this.since.composeDesc(update.changes.desc) : update.changes.desc;
    }
    for (const transaction of update.transactions) {
      for (const effect of transaction.effects) {
        if (effect.is(setTokens)) {
          const { tokens, classes } = effect.value;
          this.tokens = tokens;
          if (classes !== this.names) {
            this.names = classes;
            this.classes = classes.map((name) => Decoration.mark({ class: name }));
          }
          this.since = null;
          fresh = true;
        }
      }
    }
    if (fresh || update.docChanged || update.viewportChanged) this.draw(update.view);
  }

  private draw(view: EditorView): void {
    const { tokens, since } = this;
    const length = view.state.doc.length;
    const back = since?.invertedDesc;
    const marks: Range<Decoration>[] = [];
    for (const visible of view.visibleRanges) {
      const start = back ? back.mapPos(visible.from, -1) : visible.from;
      for (let at = firstEndingAfter(tokens, start); at < tokens.length; at += 3) {
        let from = tokens[at] ?? 0;
        let to = tokens[at + 1] ?? 0;
        if (since && to > since.length) break;
        if (since) {
          from = since.mapPos(from, 1);
          to = since.mapPos(to, -1);
        }
        if (from >= visible.to) break;
        // Two visible ranges may share a token: draw it with the first of them.
        if (to > length) break;
        const mark = this.classes[tokens[at + 2] ?? 0];
        const last = marks[marks.length - 1];
        if (mark && from < to && (!last || from >= last.to)) marks.push(mark.range(from, to));
      }
    }
    this.marks = Decoration.set(marks);
  }
}

/** The index of the first token that ends after `position`. */
function firstEndingAfter(tokens: Uint32Array, position: number): number {
  let low = 0;
  let high = Math.floor(tokens.length / 3);
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((tokens[middle * 3 + 1] ?? 0) > position) high = middle;
    else low = middle + 1;
  }
  return low * 3;
}

/** The extension that {@link showTokens} needs. */
export const tokenHighlighting: Extension = Prec.high(
  ViewPlugin.define((view) => new Tokens(view), { decorations: (plugin) => plugin.marks }),
);

/**
 * Shows `tokens` in `view`; they must be sorted and must not overlap. `classes` are the CSS classes
 * that their third numbers stand for.
 */
export function showTokens(view: EditorView, tokens: Uint32Array, classes: readonly string[]): void {
  view.dispatch({ effects: setTokens.of({ tokens, classes }) });
}
