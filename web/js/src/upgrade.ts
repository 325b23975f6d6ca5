// One script tag: every Dockerfile in a page gets a button that turns it into a playground.
//
//     <script src="https://…/upgrade.js" defer></script>

const base = (document.currentScript as HTMLScriptElement | null)?.src ?? location.href;
/** How mdBook, VitePress, Docusaurus, MkDocs, Sphinx and others mark a Dockerfile. */
const BLOCKS = ["dockerfile", "docker"]
  .flatMap((name) => [`code.language-${name}`, `pre.language-${name}`, `.language-${name} pre`, `.highlight-${name} pre`])
  .join();
const STYLES = `:host{display:block;margin:-.25em 0 1em;text-align:right}
button{font:500 .8125rem/1 system-ui,sans-serif;padding:.5em .8em;border:1px solid color-mix(in srgb,currentColor 30%,transparent);border-radius:6px;background:transparent;color:inherit;cursor:pointer}
button:hover{border-color:currentColor}button:focus-visible{outline:2px solid;outline-offset:2px}`;

const seen = new WeakSet<Element>();

function upgrade(): void {
  for (const found of document.querySelectorAll<HTMLElement>(BLOCKS)) {
    const block = found.closest("pre");
    if (!block || seen.has(block) || block.closest("dockerfile-playground")) continue;
    seen.add(block);
    block.after(button(block));
  }
}

/** The button, with styles of its own that do not meet those of the page. */
function button(block: HTMLElement): HTMLElement {
  const host = document.createElement("div");
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLES);
  root.adoptedStyleSheets = [sheet];
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = "Try it";
  made.title = "Turn this Dockerfile into a playground";
  made.addEventListener("click", async () => {
    made.disabled = true;
    try {
      await load(new URL("./element.js", base).href);
    } catch {
      made.disabled = false;
      made.textContent = "Try it again: it could not be loaded";
      return;
    }
    const playground = document.createElement("dockerfile-playground");
    const text = document.createElement("code");
    // Some mark lines by elements only: what is seen is what counts.
    text.textContent = (block.querySelector("code") ?? block).innerText;
    playground.append(text);
    text.hidden = true;
    host.replaceWith(playground);
    playground.addEventListener("ready", () => block.remove(), { once: true });
    playground.load();
  });
  root.append(made);
  return host;
}

let loading: Promise<void> | undefined;

/** Loads the element, once. */
function load(address: string): Promise<void> {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.addEventListener("load", () => resolve());
    script.addEventListener("error", () => {
      loading = undefined;
      script.remove();
      reject(new Error(address));
    });
    document.head.append(script);
  });
  return loading;
}

upgrade();
// Sites that change pages without loading one.
new MutationObserver(upgrade).observe(document.documentElement, { childList: true, subtree: true });
