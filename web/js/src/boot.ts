// How the page starts. It shows the editor at once, with the draft that was left behind or the text
// that stands in the page, and only then waits for the WebAssembly part to take it over. What most
// visits do not need is loaded when it is asked for.

import { adoptStyles } from "./adopted-styles.ts";
import { completeEditors, createEditor, type Editor, type EditorOptions } from "./editor.ts";
import { loadFonts } from "./fonts.ts";
import { canWait, complete, join, patient, rest, type First } from "./rest.ts";
import type { Report, State } from "./state.ts";

/** A state that the page starts with, and the name under which drafts of it are kept. */
export type Given = State & { slot?: string };

/** What the WebAssembly part offers. */
export interface Desk {
  getState(): State;
  setState(state: Given): void;
}

/** What the WebAssembly part gets. `web/src/editor.rs` declares the same on its side. */
export interface Boot {
  /** What the editor showed before anything was typed. */
  shown: string;
  /** The editor that stands in the page already. */
  readonly editor: Editor;
  /** The lessons, packed, at a first visit the first one; undefined where they could not be had. */
  readonly lessons: Uint8Array | undefined;
  /** Calls `done` with all lessons, where {@link lessons} are not all. */
  allLessons(done: (lessons: Uint8Array) => void): void;
  /** Whether all of the app is there (see `rest.ts`). */
  readonly isWhole: boolean;
  /** Calls `done` when it is. */
  whenWhole(done: () => void): void;
  /**
   * Fetches the tables of packages, which nobody waits for, and calls `done` with them; never where
   * they cannot be had.
   */
  packages(done: (tables: Uint8Array) => void): void;
  /** What a link or the page around this one hands in. */
  readonly given: Given | null;
  /** Whether anybody wants {@link tell}. */
  readonly listens: boolean;
  /** Makes another one. */
  createEditor(parent: HTMLElement, doc: string, options: EditorOptions): Editor;
  connect(desk: Desk): void;
  tell(report: Report): void;
  share(): void;
  /** Says that the browser does not keep what is typed. */
  unkept(): void;
}

/** What `wasm-bindgen --target web` makes of the crate `web`. */
export interface App {
  /** Returns what the WebAssembly module exports. */
  default(init: { module_or_path: Response | BufferSource }): Promise<WebAssembly.Exports>;
  mount(root: HTMLElement, boot: Boot): void;
}

/** Where the parts of the page come from. Each is asked for once. */
export interface Sources {
  app(): Promise<App>;
  wasm(): Promise<Response | BufferSource>;
  /** The address of what is cut off of it (see `rest.ts`). */
  rest?: string;
  /** The lessons, packed; undefined where they cannot be had. */
  lessons(): Promise<Uint8Array | undefined>;
  /** The first lesson and the names of the others, packed. */
  firstLesson(): Promise<Uint8Array | undefined>;
  /** The tables of packages, asked for last; undefined where they cannot be had. */
  packages(): Promise<Uint8Array | undefined>;
}

function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`index.html has no element with the id ${id}`);
  return found;
}

/** Whether this page stands in another. */
const embedded = "embed" in document.documentElement.dataset;

/**
 * What is kept under a name: as `storage.ts` has it, of which this is no import because a module that
 * the first script shares with others becomes a file of its own, and a request more.
 */
function stored(name: string): string | null {
  try {
    return embedded ? null : localStorage.getItem(`stagecraft:${name}`);
  } catch {
    return null;
  }
}

/** The lesson that the address names, or the last one. */
const lesson = () => /^#\/lesson\/([a-z0-9-]+)$/.exec(location.hash)?.[1] ?? stored("last") ?? "";

/** Its draft. */
const draft = () => stored(`draft:${lesson()}:Dockerfile`);

/** How long what is fetched behind the first analysis waits until that has been painted, in milliseconds. */
const PAUSE = 200;

const isLink = () => /^#v\d+\//.test(location.hash);

/** What the address holds besides a place: a state, if it can be read. */
async function linked(): Promise<Given | null> {
  return isLink() ? (await import("./open.ts")).open(location.hash) : null;
}

/** Calls `stopped` when the app comes to an end that it must not come to: a panic, a trap. */
function whenStopped(stopped: () => void): void {
  let isOver = false;
  const hear = (error: unknown) => {
    if (isOver || !(error instanceof WebAssembly.RuntimeError)) return;
    isOver = true;
    stopped();
  };
  addEventListener("error", ({ error }) => hear(error));
  addEventListener("unhandledrejection", ({ reason }) => hear(reason));
}

async function run(sources: Sources): Promise<void> {
  const theme = stored("theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset["theme"] = theme;
  adoptStyles();
  // What is cut off of the app is what such a visit does without until it has its analysis.
  const isCut = sources.rest !== undefined && !embedded && !location.hash;
  const isFirst = isCut && canWait() && [theme, stored("last"), draft()].every((kept) => kept === null);
  // On their way while the editor is made.
  const parts = Promise.all([sources.app(), sources.wasm(), isFirst ? sources.firstLesson() : sources.lessons()]);
  parts.catch(() => undefined);
  const host = embedded ? await (await import("./embed.ts")).meet() : null;
  const given = host?.state ?? (await linked());
  const place = element("boot-editor");
  const text = element("boot-text");
  const doc = given?.dockerfile ?? draft() ?? text.textContent ?? "";
  // Whose drafts those on the desk are, where a link has brought them.
  let slot = given?.slot;
  text.remove();
  let begin = () => undefined as void;
  const time = isFirst ? new Promise<void>((resolve) => (begin = resolve)) : Promise.resolve();
  const { rest: address } = sources;
  const bytes = time.then(() => (address === undefined ? undefined : rest(address)));
  bytes.catch(() => undefined);
  const editor = createEditor(place, doc, { label: "Dockerfile", readOnly: host?.readOnly ?? false });
  whenStopped(() => void import("./stopped.ts").then(({ stop }) => stop(editor, (isLink() && slot) || lesson())));
  const [app, wasm, lessons] = await parts;
  const first = await app.default({ module_or_path: wasm });
  if (address !== undefined) join(first as unknown as First, address);
  const whole = bytes.then((bytes) => bytes && complete(first as unknown as First, bytes));
  const isWhole = !isFirst || editor.getDoc() !== doc;
  if (isWhole) {
    begin();
    await whole;
  }
  let desk: Desk | undefined;
  app.mount(element("app"), {
    editor: patient(editor, whole, begin),
    shown: doc,
    lessons,
    allLessons: (done) => void (isFirst && whole.then(sources.lessons).then((all) => all && done(all))),
    isWhole,
    whenWhole: (done) => void whole.then(done),
    packages: (done) => void whole.then(sources.packages).then((tables) => tables && done(tables)),
    given,
    listens: host !== null,
    createEditor: (...given) => patient(createEditor(...given), whole, begin),
    connect(made) {
      desk = made;
      if (host) host.connect(made, editor);
      else visit(made);
    },
    tell: (report) => host?.tell(report),
    share: () => void import("./share.ts").then(({ share }) => desk && share(desk)),
    unkept() {
      if (!embedded) void import("./guard.ts").then(({ unkept }) => unkept());
    },
  });
  setTimeout(begin, PAUSE);
  await whole;
  if (stored("stopped") !== null) void import("./stopped.ts").then(({ offer }) => desk && offer(desk));
  void completeEditors();
  loadFonts();

  /** A page that stands for itself. */
  function visit(desk: Desk): void {
    addEventListener("hashchange", async () => {
      const state = await linked();
      slot = state?.slot;
      if (state) desk.setState(state);
    });
    window.addEventListener("storage", async ({ key, newValue }) => {
      const [, slot] = /^stagecraft:draft:(.*):Dockerfile$/.exec(key ?? "") ?? [];
      if (slot && newValue !== null) (await import("./guard.ts")).elsewhere(desk, slot, newValue);
    });
  }
}

/** Starts the page. What goes wrong is said on it, and thrown again. */
export async function start(sources: Sources): Promise<void> {
  try {
    await run(sources);
  } catch (error) {
    const note = document.getElementById("boot-failure");
    if (note) note.hidden = false;
    // So that it reaches the console, and whoever listens there, with its stack.
    throw error;
  }
}
