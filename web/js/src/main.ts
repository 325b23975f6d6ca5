// The page as it is served: its parts are files whose names carry hashes.

import { start, type App } from "./boot.ts";
import firstLessonFile from "../assets/first-lesson.bin";
import lessonsFile from "../assets/lessons.bin";
import packagesFile from "../assets/packages.bin";

/** The address of a file that the page's head preloads: its name is known there. */
function preloaded(selector: string): string {
  const link = document.head.querySelector<HTMLLinkElement>(selector);
  if (!link) throw new Error(`index.html has no ${selector}`);
  return link.href;
}

/** The bytes of a file; undefined where they cannot be had. */
async function bytes(address: string | URL): Promise<Uint8Array | undefined> {
  try {
    const answer = await fetch(address);
    return answer.ok ? new Uint8Array(await answer.arrayBuffer()) : undefined;
  } catch {
    return undefined;
  }
}

/** Lessons: those that the site names, else those that the page was built with. */
const lessons = (id: string, file: string) =>
  document.head.querySelector<HTMLLinkElement>(`link#${id}`)?.href ?? new URL(file, import.meta.url);

/** The address of what is cut off of the app, in a page where it is. */
const rest = document.head.querySelector<HTMLLinkElement>("link[rel=rest]")?.href;

await start({
  ...(rest === undefined ? {} : { rest }),
  app: () => import(preloaded("link[rel=modulepreload]")) as Promise<App>,
  wasm: () => fetch(preloaded("link[rel=preload][as=fetch][type='application/wasm']")),
  lessons: () => bytes(lessons("lessons", lessonsFile)),
  firstLesson: () => bytes(lessons("first-lesson", firstLessonFile)),
  packages: () => bytes(new URL(packagesFile, import.meta.url)),
});

// A site has a manifest; the page that is worked on has none, and no worker between it and its files.
if (document.head.querySelector("link[rel=manifest]")) void import("./offline.ts").then(({ keep }) => keep());
