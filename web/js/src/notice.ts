// A line at the foot of the page that says something and waits: it takes no focus, covers no text and
// goes when it is told to. Listeners hear it.

import styles from "../../styles/notice.lazy.css";

/** What a notice says and offers. */
export interface Notice {
  text: string;
  /** The name of its button. */
  action?: string;
  act?(): void;
}

let styled = false;

/** Shows a notice in the place of the one before. */
export function notice({ text, action, act }: Notice): void {
  adopt();
  document.querySelector(".notice")?.remove();
  const box = document.createElement("div");
  box.className = "notice";
  box.setAttribute("role", "status");
  const words = document.createElement("p");
  words.textContent = text;
  box.append(words);
  if (action) {
    box.append(button(action, "button", () => {
      box.remove();
      act?.();
    }));
  }
  const close = button("✕", "tool", () => box.remove());
  close.setAttribute("aria-label", "Close");
  box.append(close);
  document.body.append(box);
}

function button(label: string, className: string, act: () => void): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.className = className;
  made.textContent = label;
  made.addEventListener("click", act);
  return made;
}

/** The styles come with the first notice: most visits see none. */
function adopt(): void {
  if (styled) return;
  styled = true;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(styles);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}
