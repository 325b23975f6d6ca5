// The page as one file: its parts stand in it, packed. `crates/site/src/single.rs` puts them there
// with the script that unpacks them.

import { start, type App } from "./boot.ts";

/** What that script leaves behind. */
declare const stagecraftFile: {
  /** The bytes of a part. */
  unpack(name: string): Promise<Uint8Array<ArrayBuffer>>;
  /** A part that is a module. */
  module(name: string): Promise<unknown>;
};

await start({
  app: () => stagecraftFile.module("app") as Promise<App>,
  wasm: () => stagecraftFile.unpack("wasm"),
  lessons: () => stagecraftFile.unpack("lessons"),
  firstLesson: () => stagecraftFile.unpack("lessons"),
  packages: () => stagecraftFile.unpack("packages"),
});
