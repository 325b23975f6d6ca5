// What is on the desk, as a value: the contract of links, of pages that have this one in theirs, and
// of the package. `web/src/exchange.rs` reads and writes the same on the other side. Whatever comes
// from outside goes through `readState`, which takes nothing on trust.

/** A file of the build context, or many alike. */
export interface ContextFile {
  /** Its path below the context; a folder ends in `/` and stands for `count` files. */
  path: string;
  /** Bytes, all files of a folder together: a whole number, as text where it is large. */
  size: number | string;
  count?: number;
  /** Equal for equal content: a whole number below 2^64, as text. */
  content?: string;
  /** Permissions, as far as they are known. */
  mode?: number;
}

/** What is on the desk. */
export interface State {
  dockerfile: string;
  /** Not there where there is no such file. */
  dockerignore?: string;
  /** The name of the lesson that they belong to. */
  lesson?: string;
  /** The build context, where it is not the lesson's. */
  context?: ContextFile[];
  /** `--target` */
  target?: string;
  /** `--build-arg` */
  buildArgs?: Record<string, string>;
  /** `--platform` */
  platform?: string;
  /** `--no-cache` */
  noCache?: boolean;
  /** Bytes of base images that no table knows, by the name that FROM has: as {@link ContextFile.size}. */
  bases?: Record<string, number | string>;
  /** What a small screen shows: `lesson`, `code`, `graph`, `problems`, `build` or `sizes`. */
  panel?: string;
}

/** What is said of it. */
export interface Report {
  problems: { rule: string; severity: "error" | "warning" | "info" | "hint"; message: string; line: number }[];
  /** The names of the stages, in order; undefined for a stage without one. */
  stages: (string | undefined)[];
  /** The goals of the lesson. */
  goals: { say: string; met: boolean }[];
}

/** Longer texts are no Dockerfiles. */
const LONGEST = 500_000;
/** More files than anybody lists. */
const MOST = 5_000;
/** More arguments or images than a Dockerfile has, in characters the longest name of one. */
const MOST_NAMES = 200;
const LONGEST_NAME = 500;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A text of at most `most` characters; undefined for all else. */
function text(value: unknown, most: number): string | undefined {
  return typeof value === "string" && value.length <= most ? value : undefined;
}

/** A name as it stands in addresses. */
function name(value: unknown): string | undefined {
  const found = text(value, 200);
  return found !== undefined && /^[a-z0-9-]+$/.test(found) ? found : undefined;
}

const whole = (value: unknown) => typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
const digits = (value: unknown) => typeof value === "string" && /^\d{1,20}$/.test(value);
const bytes = (value: unknown) => whole(value) || digits(value);

/** An object of values by name; undefined where one of them is not `fit`, or there are too many. */
function named<T>(value: unknown, fit: (value: unknown) => boolean): Record<string, T> | undefined {
  const pairs = isObject(value) ? Object.entries(value) : undefined;
  if (!pairs || pairs.length > MOST_NAMES) return undefined;
  if (pairs.some(([key, it]) => key.length > LONGEST_NAME || !fit(it))) return undefined;
  return Object.fromEntries(pairs) as Record<string, T>;
}

function contextFile(value: unknown): ContextFile | undefined {
  if (!isObject(value)) return undefined;
  const path = text(value["path"], 4_096);
  const { size, count, content, mode } = value;
  if (path === undefined || !bytes(size)) return undefined;
  return {
    path,
    size: size as number | string,
    ...(whole(count) ? { count: count as number } : {}),
    ...(digits(content) ? { content: content as string } : {}),
    ...(whole(mode) ? { mode: mode as number } : {}),
  };
}

/**
 * A state in the right shape, made anew of what is known; undefined where there is no Dockerfile in
 * it, or a part is of the wrong kind or too large. What is not known is left out.
 */
export function readState(value: unknown): State | undefined {
  if (!isObject(value)) return undefined;
  const dockerfile = text(value["dockerfile"], LONGEST);
  if (dockerfile === undefined) return undefined;
  const state: State = { dockerfile };
  const given = (key: keyof State) => value[key] !== undefined && value[key] !== null;
  for (const [key, read] of [
    ["dockerignore", (it: unknown) => text(it, LONGEST)],
    ["lesson", name],
    ["target", (it: unknown) => text(it, 200)],
    ["platform", (it: unknown) => text(it, 100)],
    ["panel", name],
  ] as const) {
    if (!given(key)) continue;
    const found = read(value[key]);
    if (found === undefined) return undefined;
    state[key] = found;
  }
  if (given("context")) {
    const files = value["context"];
    if (!Array.isArray(files) || files.length > MOST) return undefined;
    const read = files.map(contextFile);
    if (read.includes(undefined)) return undefined;
    state.context = read as ContextFile[];
  }
  if (given("buildArgs")) {
    const read = named<string>(value["buildArgs"], (it) => text(it, 10_000) !== undefined);
    if (!read) return undefined;
    state.buildArgs = read;
  }
  if (given("noCache")) {
    const asked = value["noCache"];
    if (typeof asked !== "boolean") return undefined;
    state.noCache = asked;
  }
  if (given("bases")) {
    const read = named<number | string>(value["bases"], bytes);
    if (!read) return undefined;
    state.bases = read;
  }
  return state;
}
