// What the browser keeps for us. It may keep nothing (a private window, a full disk, a page that
// stands in another); `web/src/browser.rs` is the other side of the same names.

import type { State } from "./state.ts";

const PREFIX = "stagecraft:";

/** Whether this page stands in another, which must not get at what is kept here. */
export const embedded = "embed" in document.documentElement.dataset;

/** What is kept under a name; null where there is nothing. */
export function stored(name: string): string | null {
  try {
    return embedded ? null : localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

/** Keeps a text under a name; false where the browser refuses. */
export function store(name: string, text: string): boolean {
  try {
    if (!embedded) localStorage.setItem(PREFIX + name, text);
    return !embedded;
  } catch {
    return false;
  }
}

/** Keeps nothing under a name any longer. */
export function forget(name: string): void {
  try {
    localStorage.removeItem(PREFIX + name);
  } catch {
    // Then there was nothing.
  }
}

/** Puts the files that are kept under names with that beginning into a state. */
export function restore(state: State, prefix: string): void {
  const [dockerfile, dockerignore] = [stored(`${prefix}Dockerfile`), stored(`${prefix}.dockerignore`)];
  if (dockerfile !== null) state.dockerfile = dockerfile;
  // An empty one is one that was taken away.
  if (dockerignore) state.dockerignore = dockerignore;
  else if (dockerignore !== null) delete state.dockerignore;
}

/** All names under which something is kept. */
export function names(): string[] {
  try {
    return Object.keys(localStorage).flatMap((key) => (key.startsWith(PREFIX) ? [key.slice(PREFIX.length)] : []));
  } catch {
    return [];
  }
}
