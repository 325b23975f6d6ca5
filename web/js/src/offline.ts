// Keeps the page for times without a network, and says when there is a newer one. Loaded after all
// else: nothing of the page waits for it.

import { notice } from "./notice.ts";

/** Registers the service worker that stands beside the page. */
export async function keep(): Promise<void> {
  // Not there in a private window, or without https.
  if (!("serviceWorker" in navigator)) return;
  let registration: ServiceWorkerRegistration;
  try {
    registration = await navigator.serviceWorker.register(new URL("./sw.js", document.baseURI), {
      updateViaCache: "none",
    });
  } catch {
    // The host serves none, or the person forbids it: the page works without.
    return;
  }
  if (registration.waiting) offer(registration.waiting);
  registration.addEventListener("updatefound", () => {
    const worker = registration.installing;
    worker?.addEventListener("statechange", () => {
      // Without a worker in charge this is the first visit, not an update.
      if (worker.state === "installed" && navigator.serviceWorker.controller) offer(worker);
    });
  });
}

/** Offers the newer page. It comes when the person says so, and what was typed is kept. */
function offer(worker: ServiceWorker): void {
  notice({
    text: "A newer version of this page is ready. What you wrote stays.",
    action: "Take it",
    act() {
      navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
      worker.postMessage("take over");
    },
  });
}
