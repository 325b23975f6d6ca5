// How the editor looks. Every colour and size is a custom property that the page's styles set, so
// that one place decides about light and dark; the second value is for a page that sets none.

import { EditorView } from "@codemirror/view";

export const theme = EditorView.theme({
  "&": {
    color: "var(--editor-text, CanvasText)",
    backgroundColor: "var(--editor-background, Canvas)",
    fontSize: "var(--editor-font-size, 0.875rem)",
    height: "100%",
  },
  ".cm-scroller": {
    fontFamily: "var(--editor-font, ui-monospace, monospace)",
    lineHeight: "var(--editor-line-height, 1.5)",
  },
  ".cm-content": { caretColor: "var(--editor-cursor, CanvasText)" },
  ".cm-cursor": { borderLeftColor: "var(--editor-cursor, CanvasText)" },
  ".cm-gutters": {
    color: "var(--editor-gutter-text, GrayText)",
    backgroundColor: "var(--editor-gutter-background, transparent)",
    border: "none",
  },
  ".cm-activeLine": { backgroundColor: "var(--editor-active-line, transparent)" },
  ".cm-activeLineGutter": {
    color: "var(--editor-active-gutter-text, CanvasText)",
    backgroundColor: "var(--editor-active-line, transparent)",
  },
});
