// What happens where the app comes to a stop. It must not, but if it does, nobody shall lose a text by
// it: what was written is put aside, so that the page starts without it, and is offered again.

import type { Editor } from "./editor.ts";
import { notice } from "./notice.ts";
import { forget, names, store, stored } from "./storage.ts";

/** Under this name stands whose drafts were put aside: those of a lesson or of a link. */
const STOPPED = "stopped";
const DRAFT = "draft:";
const ASIDE = "aside:";

/** Puts the drafts of a lesson aside, what is typed from now on with them, and says so. */
export function stop(editor: Editor, slot: string): void {
  move(DRAFT, ASIDE, slot);
  const keep = () => store(`${ASIDE}${slot}:Dockerfile`, editor.getDoc());
  const isKept = keep() && store(STOPPED, slot);
  editor.onChange(() => void keep());
  notice({
    text: isKept
      ? "The page stopped working. What you write is still kept: load the page again to go on."
      : "The page stopped working. Copy what you wrote, then load the page again.",
    action: "Load it again",
    act: () => location.reload(),
  });
}

/** Offers what was put aside. */
export function offer(): void {
  const slot = stored(STOPPED);
  if (slot === null) return;
  notice({
    text: "The page stopped working on what you wrote here last, and begins anew. Your text is kept.",
    action: "Take it back",
    act() {
      move(ASIDE, DRAFT, slot);
      forget(STOPPED);
      if (slot !== "" && !slot.startsWith("@")) location.hash = `#/lesson/${slot}`;
      location.reload();
    },
  });
}

/** Renames all that is kept of a lesson. */
function move(from: string, to: string, slot: string): void {
  for (const name of names()) {
    const text = name.startsWith(`${from}${slot}:`) ? stored(name) : null;
    // Where there is no room for both, it stays where it is.
    if (text !== null && store(to + name.slice(from.length), text)) forget(name);
  }
}
