// The editor: CodeMirror 6 behind a small interface. Nothing in here knows Docker. Positions are
// offsets in UTF-16 units, lines are counted from 1.

import { defaultKeymap, history, historyKeymap, redo, undo } from "@codemirror/commands";
import { lintGutter, lintKeymap, setDiagnostics, type Diagnostic as Mark } from "@codemirror/lint";
import { Compartment, EditorState, Transaction, type Extension, type TransactionSpec } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  hoverTooltip,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { lineMarks, markLines } from "./lines.ts";
import { AGAIN } from "./rest.ts";
import { theme } from "./theme.ts";
import { showTokens, tokenHighlighting } from "./tokens.ts";

/** What an editor is made with. */
export interface EditorOptions {
  /** The accessible name. */
  label: string;
  /** Shows the text without letting anyone change it. */
  readOnly?: boolean;
  /** Starts with the dark variant of CodeMirror's own parts. */
  dark?: boolean;
}

/** One change of a fix. Changes of one fix do not overlap; all offsets are those before the fix. */
export interface Edit {
  from: number;
  to: number;
  insert: string;
}

/** A repair that a finding offers as a button. */
export interface Fix {
  title: string;
  edits: readonly Edit[];
}

/** A finding as it is underlined, listed in the gutter and shown on hover. */
export interface Diagnostic {
  from: number;
  to: number;
  severity: "error" | "warning" | "info" | "hint";
  /** The rule, shown behind the message. */
  code?: string;
  message: string;
  fixes?: readonly Fix[];
}

/** One proposal; `kind` picks the icon's class (`cm-completionIcon-<kind>`). */
export interface Proposal {
  label: string;
  kind?: string;
  detail?: string;
  info?: string;
  /** The text to insert where it is not the label. */
  insert?: string;
}

/** Proposals for the text from `from` up to the cursor. */
export interface Proposals {
  from: number;
  options: readonly Proposal[];
}

/** Asked on every typed letter (`explicit` false) and on Ctrl-Space (`explicit` true). */
export type ProposalSource = (doc: string, position: number, explicit: boolean) => Proposals | null;

/** What is said of a piece of text. */
export interface Hover {
  from: number;
  to: number;
  title: string;
  /** Lines below the title: what it is, and what it is here. */
  lines: readonly string[];
}

/** Asked for the place under the pointer. */
export type HoverSource = (doc: string, position: number) => Hover | null;

/** What an outside listener learns of the cursor. */
export type CursorListener = (position: number, line: number) => void;

/** Takes a listener away again. */
export type Unlisten = () => void;

/** A living editor. */
export interface Editor {
  /** The editor's element. */
  readonly dom: HTMLElement;
  /** Moves the editor to the end of `place`. Focus and cursor stay where they were. */
  moveInto(place: HTMLElement): void;
  getDoc(): string;
  /** Replaces the text as one undoable step; listeners are told. */
  setDoc(text: string): void;
  /** Replaces the text and forgets the history: another file, a lesson's start. */
  resetDoc(text: string): void;
  /** Tells of every change of the text, by whomever. */
  onChange(listener: (doc: string) => void): Unlisten;
  /** Tells when the cursor comes to another place. */
  onCursor(listener: CursorListener): Unlisten;
  /**
   * `from, to, class` again and again, sorted, without overlaps; the third number is an index into
   * `classes`.
   */
  setTokens(tokens: Uint32Array, classes: readonly string[]): void;
  setDiagnostics(diagnostics: readonly Diagnostic[]): void;
  setCompletions(source: ProposalSource | null): void;
  /** What is said of the place under the pointer. */
  setHover(source: HoverSource | null): void;
  /** Changes the text as one undoable step, unless it is no longer `expected`. */
  applyEdits(expected: string, edits: readonly Edit[]): boolean;
  undo(): void;
  redo(): void;
  /** Gives `className` to these lines and takes it from all others. */
  markLines(lines: Uint32Array, className: string): void;
  /** Puts the cursor there, scrolls it to the middle and takes the focus. */
  reveal(position: number): void;
  revealLine(line: number): void;
  setDark(dark: boolean): void;
  setReadOnly(readOnly: boolean): void;
  focus(): void;
  destroy(): void;
}

let isComplete: (more: (propose: ProposalSource) => Extension) => void;
/** What all editors can do besides, once it is there. */
const complete = new Promise<(propose: ProposalSource) => Extension>((resolve) => (isComplete = resolve));

/** Loads what editors can do besides showing and changing a text, however long it takes. */
export async function completeEditors(): Promise<void> {
  try {
    const { more } = await import("./more.ts");
    isComplete(more);
  } catch (error) {
    // What cannot be had is a TypeError; anything else is a mistake in it.
    if (!(error instanceof TypeError)) throw error;
    setTimeout(() => void completeEditors(), AGAIN);
  }
}

/** Makes an editor as the last child of `parent`. */
export function createEditor(parent: HTMLElement, doc: string, options: EditorOptions): Editor {
  const changeListeners = new Set<(doc: string) => void>();
  const cursorListeners = new Set<CursorListener>();
  const dark = new Compartment();
  const readOnly = new Compartment();
  const place = new Compartment();
  let added: Extension = [];
  let proposals: ProposalSource | null = null;
  let hover: HoverSource | null = null;

  const extensions = () => [
    // The text is kept byte for byte: only "\n" ends a line, a "\r" before it stays in the text.
    EditorState.lineSeparator.of("\n"),
    EditorView.clipboardInputFilter.of((text, state) => withLineEndingsOf(state, text)),
    highlightSpecialChars({ render: renderSpecial }),
    lineNumbers(),
    highlightActiveLineGutter(),
    highlightActiveLine(),
    history(),
    drawSelection(),
    keymap.of([...defaultKeymap, ...historyKeymap, ...lintKeymap]),
    // Behind the keys above: what is added to them goes first where it must.
    place.of(added),
    lintGutter(),
    lineMarks,
    tokenHighlighting,
    hoverTooltip((view, position) => {
      const found = hover?.(view.state.sliceDoc(), position);
      if (!found) return null;
      return { pos: found.from, end: found.to, above: true, create: () => ({ dom: hoverBox(found) }) };
    }),
    EditorView.domEventHandlers({ beforeinput: typeOverSelection }),
    theme,
    dark.of(EditorView.darkTheme.of(options.dark ?? false)),
    readOnly.of(EditorState.readOnly.of(options.readOnly ?? false)),
    EditorView.contentAttributes.of({ "aria-label": options.label, spellcheck: "false" }),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) {
        const text = update.state.sliceDoc();
        for (const listener of [...changeListeners]) heard(() => listener(text));
      }
      if (update.docChanged || update.selectionSet) tellCursor();
    }),
  ];

  const stateOf = (text: string) => EditorState.create({ doc: text, extensions: extensions() });
  const view = new EditorView({ state: stateOf(doc), parent });
  void complete.then((more) => {
    added = more((...asked) => proposals?.(...asked) ?? null);
    view.dispatch({ effects: place.reconfigure(added) });
  });

  function tellCursor(): void {
    const position = view.state.selection.main.head;
    const { number } = view.state.doc.lineAt(position);
    for (const listener of [...cursorListeners]) heard(() => listener(position, number));
  }

  function reveal(position: number): void {
    const anchor = Math.min(Math.max(position, 0), view.state.doc.length);
    view.dispatch({
      selection: { anchor },
      effects: EditorView.scrollIntoView(anchor, { y: "center" }),
    });
    view.focus();
  }

  return {
    dom: view.dom,
    moveInto(place) {
      const had = view.dom.contains(document.activeElement);
      place.append(view.dom);
      if (!had) return;
      view.focus();
      // Firefox and WebKit have put the cursor at the start, and say so later.
      const { anchor, head } = view.state.selection.main;
      const [from, to] = [view.domAtPos(anchor), view.domAtPos(head)];
      document.getSelection()?.setBaseAndExtent(from.node, from.offset, to.node, to.offset);
    },
    getDoc: () => view.state.sliceDoc(),
    setDoc(text) {
      view.dispatch({
        changes: { from: 0, to: view.state.doc.length, insert: view.state.toText(text) },
        annotations: Transaction.userEvent.of("input.replace"),
      });
    },
    resetDoc(text) {
      const isDark = view.state.facet(EditorView.darkTheme);
      const isReadOnly = view.state.readOnly;
      view.setState(stateOf(text));
      this.setDark(isDark);
      this.setReadOnly(isReadOnly);
      for (const listener of [...changeListeners]) heard(() => listener(text));
      tellCursor();
    },
    onChange: (listener) => listen(changeListeners, listener),
    onCursor: (listener) => listen(cursorListeners, listener),
    setTokens: (tokens, classes) => showTokens(view, tokens, classes),
    setDiagnostics(diagnostics) {
      const marks = diagnostics.map((diagnostic) => mark(view.state, diagnostic));
      view.dispatch(setDiagnostics(view.state, marks));
    },
    setCompletions(source) {
      proposals = source;
    },
    setHover(source) {
      hover = source;
    },
    applyEdits(expected, edits) {
      if (view.state.sliceDoc() !== expected) return false;
      view.dispatch(changesOf(view.state, edits));
      return true;
    },
    undo: () => void undo(view),
    redo: () => void redo(view),
    markLines: (lines, className) => markLines(view, lines, className),
    reveal,
    revealLine(line) {
      const { doc: text } = view.state;
      reveal(text.line(Math.min(Math.max(line, 1), text.lines)).from);
    },
    setDark(isDark) {
      view.dispatch({ effects: dark.reconfigure(EditorView.darkTheme.of(isDark)) });
    },
    setReadOnly(isReadOnly) {
      view.dispatch({ effects: readOnly.reconfigure(EditorState.readOnly.of(isReadOnly)) });
    },
    focus: () => view.focus(),
    destroy: () => view.destroy(),
  };
}

/** Tells a listener. What goes wrong there is an error of the page, and no other's business. */
function heard(tell: () => void): void {
  try {
    tell();
  } catch (error) {
    reportError(error);
  }
}

function listen<Listener>(listeners: Set<Listener>, listener: Listener): Unlisten {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** A finding as CodeMirror shows it. Its fixes hold for the text that it was made for. */
function mark(state: EditorState, diagnostic: Diagnostic): Mark {
  const { length } = state.doc;
  const inside = (position: number) => Math.min(Math.max(position, 0), length);
  const madeFor = state.doc;
  return {
    from: inside(diagnostic.from),
    to: Math.max(inside(diagnostic.from), inside(diagnostic.to)),
    severity: diagnostic.severity,
    message: diagnostic.message,
    ...(diagnostic.code === undefined ? {} : { source: diagnostic.code }),
    actions: (diagnostic.fixes ?? []).map((fix) => ({
      name: fix.title,
      apply(view) {
        // The text has moved on: the next answer brings a fix that fits.
        if (!view.state.doc.eq(madeFor)) return;
        view.dispatch(changesOf(view.state, fix.edits));
      },
    })),
  };
}

/** A fix as one step of the history. */
function changesOf(state: EditorState, edits: readonly Edit[]): TransactionSpec {
  const inside = (position: number) => Math.min(Math.max(position, 0), state.doc.length);
  return {
    changes: edits.map(({ from, to, insert }) => ({
      from: inside(from),
      to: inside(to),
      insert: state.toText(insert),
    })),
    annotations: Transaction.userEvent.of("input.fix"),
  };
}

function hoverBox({ title, lines }: Hover): HTMLElement {
  const box = document.createElement("div");
  box.className = "hover";
  const head = document.createElement("strong");
  head.textContent = title;
  box.append(head);
  for (const line of lines) {
    const paragraph = document.createElement("p");
    paragraph.textContent = line;
    box.append(paragraph);
  }
  return box;
}

/**
 * A letter typed over a selection. Left to itself, the browser keeps the look of what it replaces
 * in an inline style, which the page's policy refuses.
 */
function typeOverSelection(event: InputEvent, view: EditorView): boolean {
  const { main, ranges } = view.state.selection;
  const text = event.inputType === "insertText" ? event.data : null;
  if (text === null || main.empty || ranges.length > 1) return false;
  if (view.composing || view.state.readOnly) return false;
  const insert = () =>
    view.state.update(view.state.replaceSelection(text), { userEvent: "input.type", scrollIntoView: true });
  event.preventDefault();
  const handlers = view.state.facet(EditorView.inputHandler);
  if (!handlers.some((handle) => handle(view, main.from, main.to, text, insert))) view.dispatch(insert());
  return true;
}

/** Pasted text takes the line endings that the text around it has. */
function withLineEndingsOf(state: EditorState, text: string): string {
  const first = state.doc.line(1);
  const crlf = state.doc.lines > 1 && first.text.endsWith("\r");
  return text.replace(/\r\n?|\n/g, crlf ? "\r\n" : "\n");
}

/** A carriage return belongs to the line's end: it is there, but it is nothing to look at. */
function renderSpecial(code: number, description: string | null, placeholder: string): HTMLElement {
  const span = document.createElement("span");
  span.className = "cm-specialChar";
  span.textContent = code === 13 ? "" : placeholder;
  span.title = description ?? "";
  span.setAttribute("aria-label", description ?? "control character");
  return span;
}
