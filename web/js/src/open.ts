// Opens a link with a state in it. Drafts of it are kept under a name of their own, so that what the
// person has written in that lesson stays as it is.

import type { Given } from "./boot.ts";
import { decode, LinkError } from "./link.ts";
import { notice } from "./notice.ts";
import { forget, restore, store, stored } from "./storage.ts";

/** Drafts of so many links are kept. */
const KEPT = 20;

/** The state in a link; null, with a word about it, where it cannot be had. */
export async function open(hash: string): Promise<Given | null> {
  let given: Given;
  try {
    given = await decode(hash);
  } catch (error) {
    if (!(error instanceof LinkError)) throw error;
    notice({ text: `${error.message} What you wrote is here, as it was.` });
    return null;
  }
  const slot = `@${digest(hash)}`;
  remember(slot);
  restore(given, `draft:${slot}:`);
  notice({
    text: "This came by a link. What you wrote yourself is kept.",
    action: "Back to mine",
    act() {
      const last = stored("last");
      location.hash = last ? `#/lesson/${last}` : "#/";
    },
  });
  return { ...given, slot };
}

/** A short name for a link: two sums of FNV-1a, from different starts. */
function digest(text: string): string {
  const sum = (start: number) => {
    let hash = start;
    for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
    return (hash >>> 0).toString(36);
  };
  return `${sum(0x811c9dc5)}${sum(0x1234567)}`;
}

/** Puts a name at the front of those that are kept, and lets go of what is beyond the last. */
function remember(slot: string): void {
  const known = (stored("links") ?? "").split(" ").filter((other) => other !== "" && other !== slot);
  const kept = [slot, ...known];
  for (const old of kept.splice(KEPT)) {
    forget(`draft:${old}:Dockerfile`);
    forget(`draft:${old}:.dockerignore`);
  }
  store("links", kept.join(" "));
}
