// mdBook puts this script into every page. The playground's own is named here, so that it can stay
// where the site is.
const script = document.createElement("script");
script.src = new URL(`${globalThis.path_to_root ?? ""}stagecraft/upgrade.js`, document.baseURI);
document.head.append(script);
