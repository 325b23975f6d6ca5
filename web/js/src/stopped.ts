// What happens where the app comes to a stop. It must not, but if it does, nobody shall lose a text by
// it: what was written is put aside, so that the page starts without it, and is offered again.

import type { Desk } from "./boot.ts";
import type { Editor } from "./editor.ts";
import { notice } from "./notice.ts";
import { forget, names, restore, store, stored } from "./storage.ts";

/** What was put aside when: a line for each stop, with its number and the lesson or link. */
const STOPS = "stopped";

const lines = () => (stored(STOPS) ?? "").split("\n").filter((line) => /^\d+ /.test(line));

/** Puts the drafts of a lesson aside, what is typed from now on with them, and says so. */
export function stop(editor: Editor, slot: string): void {
  const before = lines();
  const number = 1 + Math.max(0, ...before.map((line) => parseInt(line, 10)));
  const aside = `aside:${number}:`;
  const draft = `draft:${slot}:`;
  for (const name of names()) {
    const text = name.startsWith(draft) ? stored(name) : null;
    // Where there is no room for both, it stays where it is.
    if (text !== null && store(aside + name.slice(draft.length), text)) forget(name);
  }
  const keep = () => store(`${aside}Dockerfile`, editor.getDoc());
  const isKept = keep() && store(STOPS, [...before, `${number} ${slot}`].join("\n"));
  editor.onChange(() => void keep());
  notice({
    text: isKept
      ? "The page stopped working. What you write is still kept: load the page again to go on."
      : "The page stopped working. Copy what you wrote, then load the page again.",
    action: "Load it again",
    act: () => location.reload(),
  });
}

/**
 * Offers what was put aside last of the lesson on the desk. To take it back is a change like any other,
 * which can be undone.
 */
export function offer(desk: Desk): void {
  const { lesson } = desk.getState();
  const isHere = (line: string) => ["", "@", lesson].includes(slotOf(line).replace(/^@.+/, "@"));
  const line = lines().reverse().find(isHere);
  if (line === undefined) return;
  const aside = `aside:${parseInt(line, 10)}:`;
  notice({
    text: "The page stopped working on what you wrote here last, and begins anew. Your text is kept.",
    action: "Take it back",
    act() {
      const state = desk.getState();
      restore(state, aside);
      desk.setState(state);
      for (const name of names()) if (name.startsWith(aside)) forget(name);
      const left = lines().filter((other) => other !== line);
      if (left.length) store(STOPS, left.join("\n"));
      else forget(STOPS);
    },
  });
}

/** The lesson or link of a line. */
const slotOf = (line: string) => line.slice(line.indexOf(" ") + 1);
