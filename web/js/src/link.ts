// A state as what stands behind `#` in an address, and back. No server is asked. `v1` is read for
// ever: the links in `tests/e2e/links.json` have been given away.
//
//     #v1/ + base64url(deflate-raw(JSON))
//
// with keys of one letter, and nothing for what is not said.

import { readState, type State } from "./state.ts";

const VERSION = "v1";
/** Longer links were not made here. */
const LONGEST_LINK = 400_000;
/** The most that a link may unpack to, in bytes: little packs very much. */
const LARGEST = 1_500_000;

/** The letters of `v1`. */
const LETTERS = {
  d: "dockerfile",
  i: "dockerignore",
  l: "lesson",
  t: "target",
  a: "buildArgs",
  p: "platform",
  n: "noCache",
  b: "bases",
  v: "panel",
} as const;

/** Why a link cannot be opened, in words for people. */
export class LinkError extends Error {}

/** Whether what stands behind `#` is a state. */
export function isLink(hash: string): boolean {
  return /^#v\d+\//.test(hash);
}

async function through(bytes: Uint8Array<ArrayBuffer>, by: CompressionStream | DecompressionStream, most: number): Promise<Uint8Array<ArrayBuffer>> {
  const reader = new Blob([bytes]).stream().pipeThrough(by).getReader();
  const parts: BlobPart[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.byteLength;
    if (length > most) {
      void reader.cancel();
      throw new LinkError("This link unpacks to more than a playground holds.");
    }
    parts.push(value as Uint8Array<ArrayBuffer>);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

/** What to put behind `#`, with the `#`. */
export async function encode(state: State): Promise<string> {
  const short: Record<string, unknown> = {};
  for (const [letter, key] of Object.entries(LETTERS)) {
    if (state[key] !== undefined) short[letter] = state[key];
  }
  if (state.context) {
    short["c"] = state.context.map(({ path, size, count = 1, content = "0", mode = 0 }) => [path, size, count, content, mode]);
  }
  const bytes = new TextEncoder().encode(JSON.stringify(short));
  const packed = await through(bytes as Uint8Array<ArrayBuffer>, new CompressionStream("deflate-raw"), Infinity);
  let binary = "";
  for (const byte of packed) binary += String.fromCharCode(byte);
  const text = btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  return `#${VERSION}/${text}`;
}

/** The state in a link. Throws a {@link LinkError} for what is none, is damaged or is too large. */
export async function decode(hash: string): Promise<State> {
  const [, version, text] = /^#(v\d+)\/([A-Za-z0-9_-]*)$/.exec(hash.slice(0, LONGEST_LINK + 1)) ?? [];
  if (hash.length > LONGEST_LINK || text === undefined) throw new LinkError("This link is damaged.");
  if (version !== VERSION) throw new LinkError("This link was made by a newer version of this page.");
  let value: unknown;
  try {
    const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
    const json = await through(bytes, new DecompressionStream("deflate-raw"), LARGEST);
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(json));
  } catch (error) {
    if (error instanceof LinkError) throw error;
    throw new LinkError("This link is damaged: a part of it is missing or was changed.");
  }
  const state = readState(long(value));
  if (!state) throw new LinkError("This link holds no Dockerfile.");
  return state;
}

/** A value with the letters of `v1` as one with the names of a state; nothing is checked here. */
function long(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  const short = value as Record<string, unknown>;
  const out: Record<string, unknown> = {};
  for (const [letter, key] of Object.entries(LETTERS)) out[key] = short[letter];
  if (Array.isArray(short["c"])) {
    out["context"] = short["c"].map((file: unknown) => {
      const [path, size, count, content, mode] = Array.isArray(file) ? (file as unknown[]) : [];
      return { path, size, count, content, mode };
    });
  }
  return out;
}
