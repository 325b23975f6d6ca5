// A static server like anybody's: it serves the files of a folder, or what a test gives it, under a
// path. Each has an origin of its own.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

const kinds = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".wasm": "application/wasm",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".webmanifest": "application/manifest+json",
};

/**
 * Serves `dir` under `prefix`. What `site.change(path, bytes)` returns or promises, if anything, is served
 * instead of a file; `site.asked` lists the paths that were asked for.
 */
export async function serve(dir, { prefix = "/", change = () => undefined } = {}) {
  const site = { change, asked: [] };
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://x");
    let path = decodeURIComponent(pathname);
    if (path.endsWith("/")) path += "index.html";
    site.asked.push(path);
    const relative = path.startsWith(prefix) ? normalize(path.slice(prefix.length)) : undefined;
    let status = 200;
    let bytes;
    try {
      if (relative === undefined || relative.startsWith("..")) throw new Error("outside");
      bytes = await readFile(join(dir, relative)).catch(() => undefined);
      bytes = (await site.change(relative, bytes)) ?? bytes;
      if (bytes === undefined) throw new Error("missing");
    } catch {
      status = 404;
      bytes = "not found";
    }
    response.writeHead(status, { "content-type": kinds[extname(path)] ?? "application/octet-stream" });
    response.end(bytes);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A test that fails before it closes it must not keep the others waiting.
  server.unref();
  site.origin = `http://127.0.0.1:${server.address().port}`;
  site.address = site.origin + prefix;
  site.close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return site;
}
