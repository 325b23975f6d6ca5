/** A place in the text. */
export interface Place {
  /** From 1. */
  line: number;
  /** In characters, from 1. */
  column: number;
  /** In bytes, from 0. */
  offset: number;
}

/** From one place up to another. */
export interface Range {
  start: Place;
  end: Place;
}

/** A way to mend a finding. */
export interface Fix {
  title: string;
  applicability: "safe" | "unsafe" | "display-only";
  edits: { range: Range; text: string }[];
}

/** Something that is wrong. */
export interface Finding {
  /** The rule's name. */
  rule: string;
  /** What other tools call it. */
  codes: string[];
  severity: "error" | "warning" | "info" | "hint";
  message: string;
  /** Why it matters. */
  why?: string;
  /** What to do, where no fix says it. */
  help?: string;
  range: Range;
  /** Where the tool that owns the first code reports it. */
  line: number;
  fixes: Fix[];
}

/** Everything that can be said of a Dockerfile, in the shapes of `stagecraft lint`, `plan` and `size`. */
export interface Analysis {
  findings: Finding[];
  /** The number of the stage that is built; null where there is none. */
  target: number | null;
  /** The stages, as `stagecraft plan --format json` prints them. */
  stages: Record<string, unknown>[];
  /** The steps, as `stagecraft plan --format json` prints them. */
  steps: Record<string, unknown>[];
  /** How large it gets, as `stagecraft size --format json` prints it. */
  sizes: Record<string, unknown>;
}

/**
 * Everything that can be said of a Dockerfile. Synchronous, and the same for the same text; the first
 * call compiles the WebAssembly.
 */
export function analyze(dockerfile: string): Analysis;
