// Files that the bundle takes along: importing one gives its address, seen from the bundle.

declare module "*.bin" {
  const address: string;
  export default address;
}

/** In the page as one file, the font itself. */
declare module "*.woff2" {
  const file: string | Uint8Array<ArrayBuffer>;
  export default file;
}

/** The text itself, for styles that come with a part that is loaded late. */
declare module "*.lazy.css" {
  const styles: string;
  export default styles;
}
