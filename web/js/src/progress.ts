// Progress as a file: all drafts of lessons, and which lesson was the last.

import { names, store, stored } from "./storage.ts";

const VERSION = 1;
/** Larger files were not written here. */
const LARGEST = 20_000_000;

/** What belongs to the progress: drafts of lessons, not those of links. */
const belongs = (name: string) => name === "last" || /^draft:[a-z0-9-]*:(Dockerfile|\.dockerignore)$/.test(name);

/** Hands the file to the person, and returns how many texts are in it. */
export function save(): number {
  const kept: Record<string, string> = {};
  for (const name of names().filter(belongs).sort()) kept[name] = stored(name) ?? "";
  const file = new Blob([`${JSON.stringify({ stagecraft: VERSION, kept }, null, 1)}\n`], { type: "application/json" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = "stagecraft-progress.json";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  return Object.keys(kept).filter((name) => name !== "last").length;
}

/** What a file holds. */
export interface Loaded {
  /** How many texts are here already, and others. */
  replaced: number;
  /** Keeps all of it in the browser; false where that cannot be done. */
  take(): boolean;
}

/** Reads a file; a sentence about it where it is none of ours. */
export async function load(file: File): Promise<Loaded | string> {
  if (file.size > LARGEST) return "This file is too large to be one of ours.";
  let value: unknown;
  try {
    value = JSON.parse(await file.text());
  } catch {
    return "This file is not one that was saved here.";
  }
  const { stagecraft, kept } = (value ?? {}) as { stagecraft?: unknown; kept?: unknown };
  if (typeof stagecraft !== "number" || typeof kept !== "object" || kept === null) return "This file is not one that was saved here.";
  if (stagecraft > VERSION) return "This file was saved by a newer version of this page.";
  const texts = Object.entries(kept).filter((entry): entry is [string, string] => belongs(entry[0]) && typeof entry[1] === "string");
  return {
    replaced: texts.filter(([name, text]) => name !== "last" && ![null, text].includes(stored(name))).length,
    take: () => texts.every(([name, text]) => store(name, text)),
  };
}
