// A link to what is on the desk, the same for documents and pages, and progress as a file. Loaded
// when somebody asks for it.

import type { Desk } from "./boot.ts";
import { encode } from "./link.ts";
import { load, save } from "./progress.ts";
import styles from "../../styles/share.lazy.css";

/** Some programs cut off longer links. */
const SAFE_LENGTH = 2_000;

let styled = false;

/** Shows what can be taken along. */
export async function share(desk: Desk): Promise<void> {
  adopt();
  document.querySelector("dialog.share")?.remove();
  const state = desk.getState();
  const hash = await encode(state);
  const base = address();
  const link = base + hash;

  const dialog = make("dialog", { className: "share" });
  dialog.setAttribute("aria-labelledby", "share-title");
  const head = make("header", { className: "share__head" });
  const close = make("button", { className: "tool", textContent: "✕", type: "button" });
  close.setAttribute("aria-label", "Close");
  close.addEventListener("click", () => dialog.close());
  head.append(make("h2", { id: "share-title", textContent: "Share" }), close);
  const far = location.protocol === "file:";
  const about = make("p", {
    className: "share__about",
    textContent: far
      ? "All that is on the desk is in the link. It opens where this file is; elsewhere, give the text away."
      : "All that is on the desk is in the link. Nothing is sent anywhere.",
  });
  dialog.append(head, about);
  dialog.append(row("Link", link, lengthNote(link)));
  dialog.append(row("For Markdown", markdown(state.dockerfile, link)));
  // Only a site has the page that goes into others.
  if (document.head.querySelector("link[rel=manifest]")) {
    dialog.append(row("As a frame", frame(base, hash)), row("As an element", elementOf(base, state.dockerfile)));
  }
  dialog.append(progress());
  dialog.addEventListener("close", () => dialog.remove());
  // A click beside it closes it, as Escape does.
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  document.body.append(dialog);
  dialog.showModal();
}

/** Where the page is: where the site says that it is, else where it was opened. */
function address(): string {
  const canonical = document.head.querySelector<HTMLLinkElement>("link[rel=canonical]")?.href;
  const here = canonical ?? location.href;
  return here.replace(/[?#].*$/, "").replace(/\/index\.html$/, "/");
}

function lengthNote(link: string): string {
  const length = `${link.length.toLocaleString("en")} characters.`;
  return link.length > SAFE_LENGTH ? `${length} Some programs cut off links that are longer than 2,000.` : length;
}

function markdown(dockerfile: string, link: string): string {
  const runs = [...dockerfile.matchAll(/`+/g)].map(([run]) => run.length);
  const fence = "`".repeat(Math.max(3, ...runs.map((length) => length + 1)));
  return `${fence}dockerfile\n${dockerfile.replace(/\n?$/, "\n")}${fence}\n\n[Open it in a playground](${link})\n`;
}

const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

function frame(base: string, hash: string): string {
  return `<iframe src="${escaped(`${base}embed.html${hash}`)}" title="A Dockerfile playground" loading="lazy" width="100%" height="520" style="border: 0"></iframe>`;
}

function elementOf(base: string, dockerfile: string): string {
  return `<script src="${escaped(`${base}element.js`)}" defer></script>\n<dockerfile-playground>\n<pre><code>${escaped(dockerfile)}</code></pre>\n</dockerfile-playground>\n`;
}

/** A text to take along, with the button that does it. */
function row(label: string, text: string, note = ""): HTMLElement {
  const box = make("div", { className: "share__row" });
  const name = make("label", { className: "share__label", textContent: label });
  const field = make("textarea", { readOnly: true, value: text, rows: text.includes("\n") ? 4 : 2, spellcheck: false });
  field.id = `share-${label.toLowerCase().replaceAll(" ", "-")}`;
  name.htmlFor = field.id;
  field.addEventListener("focus", () => field.select());
  const said = make("span", { className: "share__note", textContent: note });
  said.setAttribute("role", "status");
  const copy = make("button", { className: "button", textContent: "Copy", type: "button" });
  copy.setAttribute("aria-label", `Copy: ${label}`);
  copy.addEventListener("click", async () => {
    said.textContent = (await copied(field)) ? "Copied." : "Selected: copy it with the keyboard.";
  });
  box.append(name, said, copy, field);
  return box;
}

/** Whether a text went to the clipboard. Without https only the old way is there. */
async function copied(field: HTMLTextAreaElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    field.focus();
    field.select();
    return document.execCommand("copy");
  }
}

function progress(): HTMLElement {
  const box = make("div", { className: "share__progress" });
  const said = make("p", { className: "share__note" });
  said.setAttribute("role", "status");
  const out = make("button", { className: "button", textContent: "Save to a file", type: "button" });
  out.addEventListener("click", () => {
    const count = save();
    said.textContent = count === 1 ? "Saved one text." : `Saved ${count} texts.`;
  });
  const picker = make("input", { type: "file", accept: ".json,application/json", hidden: true });
  const into = make("button", { className: "button", textContent: "Load from a file", type: "button" });
  into.addEventListener("click", () => picker.click());
  picker.addEventListener("change", async () => {
    const file = picker.files?.[0];
    if (!file) return;
    const loaded = await load(file);
    picker.value = "";
    if (typeof loaded === "string") {
      said.textContent = loaded;
      return;
    }
    const take = () => {
      if (loaded.take()) location.reload();
      else said.textContent = "The browser does not keep it: it is full, or set to keep nothing.";
    };
    if (loaded.replaced === 0) return take();
    said.textContent = loaded.replaced === 1 ? "One text here is another one." : `${loaded.replaced} texts here are others.`;
    const yes = make("button", { className: "button", textContent: "Replace them", type: "button" });
    yes.addEventListener("click", take);
    said.append(" ", yes);
  });
  const buttons = make("div", { className: "share__buttons" });
  buttons.append(out, into, picker);
  box.append(make("h3", { textContent: "Your progress" }), make("p", { className: "share__about", textContent: "What you wrote in all lessons is kept in this browser. Take it to another one as a file." }), buttons, said);
  return box;
}

function make<Name extends keyof HTMLElementTagNameMap>(name: Name, properties: Partial<HTMLElementTagNameMap[Name]>): HTMLElementTagNameMap[Name] {
  return Object.assign(document.createElement(name), properties);
}

function adopt(): void {
  if (styled) return;
  styled = true;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(styles);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}
