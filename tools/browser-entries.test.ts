/** The entries that a browser may import: nothing reachable from them needs Node. What does has an entry `…/node`. */
import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { createContext, runInContext } from "node:vm";
import { rolldown } from "rolldown";
import { describe, expect, test } from "vitest";
import { arrows } from "./arrows.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const entries = ["protocol", "chain", "sdk"];
/** Packages that are of use in Node only. */
const NEEDS_NODE: readonly string[] = ["litesvm", "pg", "ws", "undici", "fastify", "commander"];
/** What Node has and browsers don't, where nothing is imported for it. */
const NODE_GLOBAL = /\b(Buffer|process|require|setImmediate|__dirname|__filename)\b[.(]|\bNodeJS\./;

const importsOf = Map.groupBy(arrows(root), ({ from }) => from);

/** Our files reachable from an entry, each with the way to it, and the packages that they import. */
function reach(entry: string): { files: Map<string, string>; packages: Map<string, string> } {
  const files = new Map([[entry, entry]]);
  const packages = new Map<string, string>();
  for (const [file, way] of files) {
    for (const { to } of importsOf.get(file) ?? []) {
      const own = /^@ionet\/([a-z-]+)(?:\/([a-z-]+))?$/.exec(to);
      const target = own === null ? to : `${own[1]}/${own[2] ?? "index"}.ts`;
      const known = target.endsWith(".ts") ? files : packages;
      if (!known.has(target)) known.set(target, `${way} → ${target}`);
    }
  }
  return { files, packages };
}

describe.each(entries)("the entry of %s", (room) => {
  const { files, packages } = reach(`${room}/index.ts`);

  test("reaches nothing of Node's, and no package that needs it", () => {
    expect(files.size).toBeGreaterThan(20);
    const needing = [...packages].filter(([name]) => name.startsWith("node:") || NEEDS_NODE.includes(name));
    expect(needing.map(([, way]) => way)).toEqual([]);
  });

  test("uses no global that browsers don't have", () => {
    const found = [...files.keys()].flatMap((file) =>
      readFileSync(join(root, file), "utf8")
        .split("\n")
        .filter((line) => NODE_GLOBAL.test(line.replace(/\/\/.*|^\s*\/?\*.*/, "")))
        .map((line) => `${file}: ${line.trim()}`),
    );
    expect(found).toEqual([]);
  });

  test("is bundled for a browser, and loads where there is nothing but the web's own", async () => {
    const unresolved: string[] = [];
    const bundle = await rolldown({
      input: join(root, room, "index.ts"),
      platform: "browser",
      onLog: (_level, log) => unresolved.push(log.message),
    });
    const { output } = await bundle.generate({ format: "iife", name: "entry" });
    await bundle.close();
    expect(unresolved).toEqual([]);
    expect(output[0].imports.map((name) => relative(root, name))).toEqual([]);
    const { TextEncoder, TextDecoder, URL, AbortSignal, AbortController, crypto, atob, btoa, Event } =
      globalThis;
    const web = { TextEncoder, TextDecoder, URL, AbortSignal, AbortController, crypto, atob, btoa, Event };
    const loaded = runInContext(
      `${output[0].code}\nObject.keys(entry).length`,
      createContext({ ...web, EventTarget }),
    );
    expect(loaded).toBeGreaterThan(20);
  });
});
