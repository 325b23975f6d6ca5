// What happens where the app comes to a stop. It must not, but if it does, nobody shall lose a text by
// it: what was written is put aside, so that the page starts without it, and is offered again.

import type { Desk } from "./boot.ts";
import type { Editor } from "./editor.ts";
import { notice } from "./notice.ts";
import { forget, names, store, stored } from "./storage.ts";

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

/** Offers what was put aside last. To take it back is a change like any other, which can be undone. */
export function offer(desk: Desk): void {
  const before = lines();
  const [, number, slot] = /^(\d+) (.*)$/.exec(before.pop() ?? "") ?? [];
  const dockerfile = stored(`aside:${number}:Dockerfile`);
  if (slot === undefined || dockerfile === null) return forget(STOPS);
  notice({
    text: "The page stopped working on what you wrote here last, and begins anew. Your text is kept.",
    action: "Take it back",
    act() {
      const { dockerignore: _, ...now } = desk.getState();
      const dockerignore = stored(`aside:${number}:.dockerignore`);
      desk.setState({
        ...now,
        ...(slot !== "" && !slot.startsWith("@") && { lesson: slot }),
        dockerfile,
        ...(dockerignore !== null && { dockerignore }),
      });
      for (const name of names()) if (name.startsWith(`aside:${number}:`)) forget(name);
      if (before.length) store(STOPS, before.join("\n"));
      else forget(STOPS);
    },
  });
}
