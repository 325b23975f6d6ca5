// What is said when a draft is in danger.

import type { Desk } from "./boot.ts";
import { notice } from "./notice.ts";

let said = false;

/** Says once that the browser keeps nothing. */
export function unkept(): void {
  if (said) return;
  said = true;
  notice({ text: "This browser does not keep what you write here: it is full, or set to keep nothing. Share gives you a link that holds it." });
}

/** Says that the draft at hand was changed in another window, and offers that text. */
export function elsewhere(desk: Desk, slot: string, dockerfile: string): void {
  const state = desk.getState();
  if (slot !== (state.lesson ?? "") || state.dockerfile === dockerfile) return;
  notice({
    text: "This lesson was changed in another window. Here is what you had in this one.",
    action: "Take the other text",
    act: () => desk.setState({ ...desk.getState(), dockerfile }),
  });
}
