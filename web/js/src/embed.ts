// The playground in a page of somebody else. That page is named by `?origin=`; without it nothing is
// taken from outside, and only the height goes out. No draft is kept or read, no entry is made in the
// history, no focus is taken.

import type { Desk, Given } from "./boot.ts";
import type { Editor } from "./editor.ts";
import { decode, isLink } from "./link.ts";
import { message, VERSION, type FromPlayground, type Settings } from "./messages.ts";
import { readState, type Report, type State } from "./state.ts";
import styles from "../../styles/embed.lazy.css";

/** What can be shown beside the text. */
const PANELS = ["lesson", "graph", "problems", "build", "context", "sizes"];
const USUAL = "graph problems";
/** The page around has so long for its first word, in milliseconds. */
const PATIENCE = 3_000;

/** The page around, as the start of this one sees it. */
export interface Host {
  readonly state: Given | null;
  readonly readOnly: boolean;
  connect(desk: Desk, editor: Editor): void;
  tell(report: Report): void;
}

/** Meets the page around. */
export async function meet(): Promise<Host> {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(styles);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];

  const query = new URLSearchParams(location.search);
  const origin = originOf(query.get("origin"));
  const settings: Settings = { readonly: query.has("readonly") };
  for (const key of ["theme", "panels", "target"] as const) {
    const value = query.get(key);
    if (value !== null) settings[key] = value;
  }
  show(settings);

  const state = (await linked()) ?? (origin ? await firstWord(origin) : null);
  let desk: Desk | undefined;
  let editor: Editor | undefined;
  let start: State | undefined;
  let last = "";
  let goals = "";

  /** Without an origin only what anybody may know. */
  function say(words: FromPlayground): void {
    if (parent === window) return;
    if (origin) post(words, origin);
    else if (words.type === "resize" || words.type === "ready") post(words, "*");
  }

  function configure(changed: Settings): void {
    show(changed);
    if (changed.readonly !== undefined) editor?.setReadOnly(changed.readonly);
    if (changed.lesson !== undefined && /^[a-z0-9-]+$/.test(changed.lesson)) {
      location.replace(`#/lesson/${changed.lesson}`);
    }
    if (changed.target !== undefined && desk) desk.setState(withTarget(desk.getState(), changed.target));
  }

  function hear(event: MessageEvent): void {
    if (!desk || event.source !== parent || event.origin !== origin) return;
    const words = message(event.data);
    if (!words) return;
    const id = typeof words["id"] === "number" ? words["id"] : undefined;
    const answer = (ok: boolean, of?: State) => {
      // What was set is there once the page has drawn it.
      if (id !== undefined) setTimeout(() => say({ type: "answer", id, ok, ...(of ? { state: of } : {}) }));
    };
    switch (words.type) {
      case "getState":
        return answer(true, desk.getState());
      case "setState": {
        const wanted = readState(words["state"]);
        if (wanted) desk.setState(wanted);
        return answer(wanted !== undefined);
      }
      case "reset":
        if (start) desk.setState(start);
        return answer(true);
      case "configure":
        return configure(settingsOf(words["settings"]));
    }
  }

  return {
    state,
    readOnly: settings.readonly ?? false,
    connect(made, place) {
      desk = made;
      editor = place;
      if (settings.target) desk.setState(withTarget(desk.getState(), settings.target));
      start = withTarget(desk.getState(), settings.target);
      addEventListener("message", hear);
      document.addEventListener("click", outside);
      watchHeight((height) => say({ type: "resize", height }));
      say({ type: "ready" });
    },
    tell(report) {
      if (!desk || !origin) return;
      const state = desk.getState();
      const now = JSON.stringify(state);
      if (last !== "" && now !== last) say({ type: "change", state });
      last = now;
      say({ type: "analysis", report });
      const met = JSON.stringify(report.goals);
      if (report.goals.length > 0 && met !== goals) {
        say({ type: "goal", goals: report.goals, all: report.goals.every(({ met }) => met) });
      }
      goals = met;
    },
  };
}

function withTarget(state: State, target: string | undefined): State {
  return target === undefined || target === "" ? state : { ...state, target };
}

/** An origin of the web; null for all else. */
function originOf(text: string | null): string | null {
  try {
    const { origin, protocol } = new URL(text ?? "");
    return origin === text && /^https?:$/.test(protocol) ? origin : null;
  } catch {
    return null;
  }
}

function post(words: FromPlayground, origin: string): void {
  parent.postMessage({ stagecraft: VERSION, ...words }, origin);
}

/** The state that the address holds. A damaged one is as none: there is no draft to go back to. */
async function linked(): Promise<State | null> {
  if (!isLink(location.hash)) return null;
  return decode(location.hash).catch(() => null);
}

/** What the page around wants to begin with. */
function firstWord(origin: string): Promise<State | null> {
  return new Promise((resolve) => {
    const done = (state: State | null) => {
      removeEventListener("message", hear);
      clearTimeout(patience);
      resolve(state);
    };
    const hear = (event: MessageEvent) => {
      if (event.source !== parent || event.origin !== origin) return;
      const words = message(event.data);
      if (words?.type === "init") done(readState(words["state"]) ?? null);
    };
    const patience = setTimeout(done, PATIENCE, null);
    addEventListener("message", hear);
    post({ type: "hello" }, origin);
  });
}

function settingsOf(value: unknown): Settings {
  const out: Settings = {};
  if (typeof value !== "object" || value === null) return out;
  const given = value as Record<string, unknown>;
  for (const key of ["theme", "panels", "lesson", "target"] as const) {
    const text = given[key];
    if (typeof text === "string" && text.length <= 200) out[key] = text;
  }
  if (typeof given["readonly"] === "boolean") out.readonly = given["readonly"];
  return out;
}

function show({ theme, panels }: Settings): void {
  const { dataset } = document.documentElement;
  if (theme === "light" || theme === "dark") dataset["theme"] = theme;
  else if (theme !== undefined) delete dataset["theme"];
  const wanted = (panels ?? dataset["panels"] ?? USUAL).split(/[\s,]+/);
  dataset["panels"] = PANELS.filter((name) => wanted.includes(name)).join(" ");
}

/** Tells the height of what is shown, now and whenever it changes. */
function watchHeight(tell: (height: number) => void): void {
  let last = 0;
  const shown = document.querySelector(".app");
  if (!shown) return;
  new ResizeObserver(() => {
    const height = Math.ceil(shown.getBoundingClientRect().height);
    if (height !== last) tell(height);
    last = height;
  }).observe(shown);
}

/** Links to other places of the playground open beside the page around, not in the frame. */
function outside(event: Event): void {
  const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>("a[href^='#/']") : null;
  if (!link) return;
  event.preventDefault();
  open(new URL(`./${link.getAttribute("href")}`, location.href), "_blank", "noopener");
}
