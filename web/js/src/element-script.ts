// The element as a script of a site, `element.js`: the playground stands beside it. It is no module, as
// a module of another host needs that host's leave.

import { setBase } from "./element.ts";

const script = document.currentScript ?? document.querySelector("script[src*='/element.js']");
setBase(new URL("./embed.html", (script as HTMLScriptElement | null)?.src ?? document.baseURI));
