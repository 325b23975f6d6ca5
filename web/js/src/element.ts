// <dockerfile-playground>: a Dockerfile in a page of yours that can be tried. Until it comes near the
// screen nothing is loaded, and its own text is shown, as it is where there is no JavaScript. The
// playground stands in a frame: its styles and yours do not meet, nor do two of them.

import { message, VERSION, type FromPlayground, type Settings, type ToPlayground } from "./messages.ts";
import type { Report, State } from "./state.ts";

export type { ContextFile, Report, State } from "./state.ts";

/** The events of a playground, with what is in their `detail`. */
export interface PlaygroundEvents {
  ready: CustomEvent<undefined>;
  change: CustomEvent<State>;
  analysis: CustomEvent<Report>;
  goal: CustomEvent<{ goals: Report["goals"]; all: boolean }>;
}

const STYLES = `:host{display:block;margin:1em 0}:host([hidden]){display:none}
iframe{display:block;width:100%;border:1px solid color-mix(in srgb,currentColor 22%,transparent);border-radius:8px;box-sizing:border-box;background:transparent;color-scheme:normal}
iframe[data-waits]{position:absolute;visibility:hidden}`;

/** Where the playgrounds of a page are, but for elements that say otherwise. */
let base = "";

/** Says where `embed.html` of a site is. */
export function setBase(address: string | URL): void {
  base = new URL(address, globalThis.document?.baseURI).href;
}

/** What stands around the frame's content: its border. */
const BORDER = 2;

// In Node, where a package may be read for its types alone, there are no elements.
const Base = (globalThis.HTMLElement ?? class {}) as typeof HTMLElement;

let watch: IntersectionObserver | undefined;

/** The element. */
export class DockerfilePlayground extends Base {
  static readonly observedAttributes = ["theme", "readonly", "panels", "lesson", "target", "height"];

  /** What is on the desk, as far as it is known. */
  state: State | undefined;
  /** What was last said of it. */
  report: Report | undefined;

  #frame: HTMLIFrameElement | undefined;
  #origin = "";
  #ready: Promise<void>;
  #isReady: () => void = () => undefined;
  #questions = new Map<number, (answer: { ok: boolean; state?: State }) => void>();
  #hear = (event: MessageEvent) => this.#listen(event);

  constructor() {
    super();
    this.#ready = new Promise((resolve) => (this.#isReady = resolve));
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLES);
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet];
    root.append(document.createElement("slot"));
  }

  connectedCallback(): void {
    addEventListener("message", this.#hear);
    if (this.#frame) return;
    watch ??= new IntersectionObserver(
      (entries) => {
        for (const { isIntersecting, target } of entries) {
          if (isIntersecting) (target as DockerfilePlayground).load();
        }
      },
      { rootMargin: "400px" },
    );
    watch.observe(this);
  }

  disconnectedCallback(): void {
    removeEventListener("message", this.#hear);
    watch?.unobserve(this);
    // A frame that is moved starts anew: what was written goes along in the state.
    this.#frame?.remove();
    this.#frame = undefined;
    this.#slot.hidden = false;
    this.#ready = new Promise((resolve) => (this.#isReady = resolve));
  }

  attributeChangedCallback(name: string, old: string | null, value: string | null): void {
    if (!this.#frame || old === value) return;
    if (name === "height") return this.#resize();
    const settings: Settings = name === "readonly" ? { readonly: value !== null } : { [name]: value ?? "" };
    void this.#ready.then(() => this.#say({ type: "configure", settings }));
  }

  /** Loads the playground now, wherever the element is. */
  load(): void {
    watch?.unobserve(this);
    // A page without an origin of the web, opened from a disk, could not be told from others.
    if (this.#frame || !this.isConnected || !location.origin.startsWith("http")) return;
    const address = new URL(this.getAttribute("base") ?? base, document.baseURI);
    this.#origin = address.origin;
    address.searchParams.set("origin", location.origin);
    for (const name of ["theme", "panels", "target"]) {
      const value = this.getAttribute(name);
      if (value !== null) address.searchParams.set(name, value);
    }
    if (this.hasAttribute("readonly")) address.searchParams.set("readonly", "");
    const lesson = this.getAttribute("lesson");
    if (lesson) address.hash = `/lesson/${lesson}`;
    const frame = document.createElement("iframe");
    frame.title = this.getAttribute("label") ?? "A Dockerfile playground";
    frame.allow = "clipboard-write";
    frame.dataset["waits"] = "";
    frame.src = address.href;
    this.#frame = frame;
    this.shadowRoot?.append(frame);
  }

  /** What is on the desk. */
  async getState(): Promise<State> {
    const { state } = await this.#ask((id) => ({ type: "getState", id }));
    if (!state) throw new Error("the playground does not answer");
    return state;
  }

  /** Puts something else on the desk; false where it is no state. */
  async setState(state: State): Promise<boolean> {
    return (await this.#ask((id) => ({ type: "setState", id, state }))).ok;
  }

  /** Puts back what was there at the start. */
  async reset(): Promise<void> {
    await this.#ask((id) => ({ type: "reset", id }));
  }

  get #slot(): HTMLElement {
    return this.shadowRoot?.querySelector("slot") as HTMLElement;
  }

  async #ask(question: (id: number) => ToPlayground): Promise<{ ok: boolean; state?: State }> {
    this.load();
    await this.#ready;
    const id = Math.max(0, ...this.#questions.keys()) + 1;
    return new Promise((resolve) => {
      this.#questions.set(id, resolve);
      this.#say(question(id));
    });
  }

  #say(words: ToPlayground): void {
    this.#frame?.contentWindow?.postMessage({ stagecraft: VERSION, ...words }, this.#origin);
  }

  #listen(event: MessageEvent): void {
    if (!this.#frame || event.source !== this.#frame.contentWindow || event.origin !== this.#origin) return;
    // Whoever is there is the playground, as its address was named here.
    const words = message(event.data) as FromPlayground | undefined;
    switch (words?.type) {
      case "hello":
        return void this.#first().then((state) => this.#say({ type: "init", ...(state ? { state } : {}) }));
      case "ready":
        this.#isReady();
        delete this.#frame.dataset["waits"];
        this.#slot.hidden = true;
        return this.#tell("ready", undefined);
      case "answer":
        if (words.state) this.state = words.state;
        this.#questions.get(words.id)?.(words);
        return void this.#questions.delete(words.id);
      case "change":
        this.state = words.state;
        return this.#tell("change", words.state);
      case "analysis":
        this.report = words.report;
        return this.#tell("analysis", words.report);
      case "goal":
        return this.#tell("goal", { goals: words.goals, all: words.all });
      case "resize":
        return this.#resize(words.height);
    }
  }

  #tell<Name extends keyof PlaygroundEvents>(name: Name, detail: PlaygroundEvents[Name]["detail"]): void {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  /** As high as its content, or as the page wants it. */
  #resize(height?: number): void {
    const fixed = Number.parseInt(this.getAttribute("height") ?? "", 10);
    if (!this.#frame || (!fixed && height === undefined)) return;
    this.#frame.style.height = `${fixed || Number(height) + BORDER}px`;
  }

  /** What the playground starts with: what was on the desk, a file, or the element's own text. */
  async #first(): Promise<State | undefined> {
    if (this.state) return this.state;
    const lesson = this.getAttribute("lesson");
    const source = this.getAttribute("src");
    let dockerfile = ownText(this);
    if (source !== null) {
      const answer = await fetch(new URL(source, document.baseURI)).catch(() => undefined);
      if (answer?.ok) dockerfile = await answer.text();
    }
    if (dockerfile.trim() === "") return undefined;
    return { dockerfile, ...(lesson ? { lesson } : {}) };
  }
}

/** The Dockerfile in an element, without the indentation of the page around it. */
function ownText(element: HTMLElement): string {
  const code = element.querySelector("code, pre");
  const lines = ((code ?? element).textContent ?? "").replace(/^[ \t]*\n/, "").trimEnd().split("\n");
  const depths = lines.filter((line) => line.trim() !== "").map((line) => line.length - line.trimStart().length);
  const depth = code ? 0 : Math.min(...depths, 1_000);
  return `${lines.map((line) => line.slice(depth)).join("\n")}\n`;
}

if (globalThis.customElements && !customElements.get("dockerfile-playground")) {
  customElements.define("dockerfile-playground", DockerfilePlayground);
}

export interface DockerfilePlayground {
  addEventListener<Name extends keyof PlaygroundEvents>(
    type: Name,
    listener: (this: DockerfilePlayground, event: PlaygroundEvents[Name]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void;
}

declare global {
  interface HTMLElementTagNameMap {
    "dockerfile-playground": DockerfilePlayground;
  }
}
