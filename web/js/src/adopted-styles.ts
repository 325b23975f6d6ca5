// CodeMirror brings its styles through `style-mod`, which writes them into a <style> element when
// it is mounted in a document. Our policy (`style-src 'self'`) forbids that. In a shadow root the
// same library uses a constructed style sheet, which the policy allows. So we hand it, in place of
// the document, a root that looks like a shadow root and adopts the sheet into the document.

import { StyleModule } from "style-mod";

interface AdoptingRoot {
  readonly ownerDocument: Document;
  adoptedStyleSheets: CSSStyleSheet[];
}

const roots = new WeakMap<Document, AdoptingRoot>();

function adoptingRoot(doc: Document): AdoptingRoot {
  let root = roots.get(doc);
  if (!root) {
    root = {
      ownerDocument: doc,
      get adoptedStyleSheets() {
        return doc.adoptedStyleSheets;
      },
      set adoptedStyleSheets(sheets) {
        doc.adoptedStyleSheets = sheets;
      },
    };
    roots.set(doc, root);
  }
  return root;
}

const mount = StyleModule.mount;

/** Makes every editor of this page bring its styles as adopted style sheets. Call it once, first. */
export function adoptStyles(): void {
  StyleModule.mount = (root, modules, options) =>
    mount.call(
      StyleModule,
      (root instanceof Document ? adoptingRoot(root) : root) as ShadowRoot,
      modules,
      options,
    );
}
