// In the place of `@codemirror/language` and `@lezer/common`: the editor has no language of
// CodeMirror's, its tokens come from the app. This is what CodeMirror's commands and proposals ask of
// those packages, with the answers that they give where no language is set; a tenth of the editor's
// weight was code for trees that are never there. esbuild is told so in xtask/src/page.rs, and stops
// where a newer CodeMirror asks for more.

import { countColumn, Facet, type EditorState } from "@codemirror/state";

export { matchBrackets } from "./brackets.ts";

/** No node has properties. */
export const NodeProp = { closedBy: undefined, openedBy: undefined };

/** The one node of a tree of nothing. */
const nothing = {
  name: "",
  from: 0,
  to: 0,
  type: { prop: () => undefined },
  parent: null,
  firstChild: null,
  childBefore: () => null,
  childAfter: () => null,
};

const empty = { resolveInner: () => nothing, resolveStack: () => ({ node: nothing, next: null }) };

/** The tree of a text. */
export const syntaxTree = () => empty;

/** What one step of indentation is: two spaces. */
export const indentUnit = Facet.define<string, string>({ combine: ([unit]) => unit ?? "  " });

/** How wide one step of indentation is, in columns. */
export const getIndentUnit = (state: EditorState) => countColumn(state.facet(indentUnit), state.tabSize);

/** So many columns. */
export const indentString = (_state: EditorState, columns: number) => " ".repeat(columns);

/** How far a line is to be indented: nobody says. */
export const getIndentation = () => null;

/** The indentation of lines as they are. */
export class IndentContext {
  constructor(readonly state: EditorState) {}

  /** The indentation of the line at a place, in columns. */
  lineIndent(position: number): number {
    const [spaces = ""] = /^\s*/.exec(this.state.doc.lineAt(position).text) ?? [];
    return countColumn(spaces, this.state.tabSize);
  }
}
