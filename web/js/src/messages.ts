// What a page says to the playground that stands in it, and hears. Version 1; what is not of this
// shape, or comes from elsewhere, is not heard.

import type { Report, State } from "./state.ts";

/** The version of the messages: the value of `stagecraft` in each. */
export const VERSION = 1;

/** From the page around to the playground. An `id` comes back with the answer. */
export type ToPlayground =
  | { type: "init"; state?: State }
  | { type: "getState"; id: number }
  | { type: "setState"; id: number; state: State }
  | { type: "reset"; id: number }
  | { type: "configure"; settings: Settings };

/** From the playground to the page around. */
export type FromPlayground =
  | { type: "hello" }
  | { type: "ready" }
  | { type: "answer"; id: number; ok: boolean; state?: State }
  | { type: "change"; state: State }
  | { type: "analysis"; report: Report }
  | { type: "goal"; goals: Report["goals"]; all: boolean }
  /** In CSS pixels. */
  | { type: "resize"; height: number };

/** How a playground is shown. */
export interface Settings {
  theme?: string;
  readonly?: boolean;
  /** Names of panels with spaces between them. */
  panels?: string;
  lesson?: string;
  target?: string;
}

/** A message of ours; undefined for all else. */
export function message(data: unknown): { type: string; [key: string]: unknown } | undefined {
  if (typeof data !== "object" || data === null) return undefined;
  const { stagecraft, type } = data as { stagecraft?: unknown; type?: unknown };
  return stagecraft === VERSION && typeof type === "string" ? (data as { type: string }) : undefined;
}
