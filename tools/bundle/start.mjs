/*
 * `ionet` in a clone: runs a bundle of the sources as they are now, and makes it first where there is none. Plain
 * JavaScript with little in it: it is what every command waits for.
 */
import { readFileSync, statSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { fileURLToPath } from "node:url";

const cache = new URL("../../node_modules/.cache/ionet/", import.meta.url);

/**
 * Differs once a file was written, replaced or removed: no write leaves the change time as it was.
 * @param {string} file
 */
function stampOf(file) {
  const found = statSync(file, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? "" : `${found.ino}:${found.size}:${found.ctimeNs}`;
}

/** The last bundle, where all that it was made of is still the same. */
function current() {
  try {
    const text = readFileSync(new URL("current.json", cache), "utf8");
    /** @type {{ entry: string, stamps: Record<string, string> }} */
    const { entry, stamps } = JSON.parse(text);
    return Object.entries(stamps).every(([file, stamp]) => stampOf(file) === stamp) ? entry : undefined;
  } catch {
    return undefined;
  }
}

/** A new bundle; undefined where none can be made: without the bundler, in a folder of somebody else's, of broken code. */
async function make() {
  try {
    const { bundleClone } = await import("./clone.ts");
    return await bundleClone(cache, stampOf);
  } catch {
    return undefined;
  }
}

enableCompileCache(fileURLToPath(new URL("compiled", cache)));
await import(current() ?? (await make()) ?? "../../cli/main.ts");
