// The service worker: keeps the files of one version of the site and answers from them, with or
// without a network. `crates/site/src/worker.rs` puts the list in front of it. All files of a page
// come from one version; a newer one waits until the page asks for it.

/// <reference lib="webworker" />

/** The site's version: it changes with any file. */
declare const VERSION: string;
/** The files to keep, by their path from the root of the site, with a hash of each. */
declare const FILES: readonly (readonly [path: string, hash: string])[];

const worker = self as unknown as ServiceWorkerGlobalScope;
const scope = worker.registration.scope;
/** Sites of one host share its caches: the scope keeps them apart. */
const family = `stagecraft ${scope} `;
const current = family + VERSION;
/** Where the hash of each kept file is remembered, so that a newer version takes what stayed. */
const HASH = "x-stagecraft-hash";

worker.addEventListener("install", (event) => event.waitUntil(install()));
worker.addEventListener("activate", (event) => event.waitUntil(activate()));
worker.addEventListener("message", (event) => {
  if (event.data === "take over") void worker.skipWaiting();
});
worker.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method === "GET" && request.url.startsWith(scope)) event.respondWith(answer(request));
});

async function install(): Promise<void> {
  const cache = await caches.open(current);
  await Promise.all(
    FILES.map(async ([path, hash]) => {
      const address = new URL(path, scope).href;
      const old = await caches.match(address);
      if (old?.headers.get(HASH) === hash) return cache.put(address, old);
      // Past the browser's own cache: a host may serve old files as fresh for a while.
      const fresh = await fetch(address, { cache: "no-cache" });
      if (!fresh.ok) throw new Error(`${address}: ${fresh.status}`);
      const headers = new Headers(fresh.headers);
      headers.set(HASH, hash);
      // The body is unpacked already.
      headers.delete("content-encoding");
      headers.delete("content-length");
      return cache.put(address, new Response(await fresh.blob(), { headers }));
    }),
  );
}

async function activate(): Promise<void> {
  for (const name of await caches.keys()) {
    if (name.startsWith(family) && name !== current) await caches.delete(name);
  }
  await worker.clients.claim();
}

async function answer(request: Request): Promise<Response> {
  const url = new URL(request.url);
  url.hash = "";
  url.search = "";
  if (url.pathname.endsWith("/")) url.pathname += "index.html";
  const cache = await caches.open(current);
  const kept = await cache.match(url.href);
  if (kept) return kept;
  try {
    return await fetch(request);
  } catch (error) {
    // A page of a lesson or a rule: the app has the same.
    const [, kind, name] = /^(lesson|rule)s\/(?:([a-z0-9-]+)\/)?index\.html$/.exec(url.href.slice(scope.length)) ?? [];
    if (kind) return Response.redirect(`${scope}#/${name ? `${kind}/${name}` : kind === "rule" ? "rules" : ""}`);
    throw error;
  }
}
