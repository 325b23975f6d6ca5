// Files that the bundle takes along: importing one gives its address, seen from the bundle.

declare module "*.bin" {
  const address: string;
  export default address;
}

declare module "*.woff2" {
  const address: string;
  export default address;
}
