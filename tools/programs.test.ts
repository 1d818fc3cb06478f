import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { programs } from "../chain/programs.ts";
import { programNames } from "./programs.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

test("the chain room knows every program of the workspace", () => {
  expect(programs.map(({ name }) => name).sort()).toEqual(programNames(root).sort());
});

test.each(programNames(root))("%s is committed as bytes, with its interface and its costs", (name) => {
  const files = [`${name}.so`, "idl.json", "compute-units.md", "README.md"];
  expect(files.filter((file) => !existsSync(join(root, "programs", name, file)))).toEqual([]);
});

/** Of each top-level module of a crate, those that it uses. */
function modulesOf(crate: string): Map<string, Set<string>> {
  const source = join(root, "programs", crate, "src");
  const uses = new Map<string, Set<string>>();
  for (const file of globSync("**/*.rs", { cwd: source })) {
    const module = file.split(/[/.]/)[0] ?? "";
    const text = readFileSync(join(source, file), "utf8").replaceAll(/\/\/.*/g, "");
    const named = [...text.matchAll(/crate::(\w+)/g)].map(([, name]) => name);
    // The first word of each part of `use crate::{a::B, c::{D, E}}`.
    const lists = [...text.matchAll(/crate::\{([^;]*)\};/g)].flatMap(([, list]) => {
      let flat = list ?? "";
      while (flat.includes("{")) flat = flat.replaceAll(/\{[^{}]*\}/g, "");
      return flat.split(",").map((part) => part.trim().split("::")[0]);
    });
    const found = uses.get(module) ?? new Set();
    for (const name of [...named, ...lists]) if (name && name !== module) found.add(name);
    uses.set(module, found);
  }
  return uses;
}

test.each(["shared", ...programNames(root)])("the modules of %s use each other in no circle", (crate) => {
  const uses = modulesOf(crate);
  expect(uses.size).toBeGreaterThan(8);
  for (let before = -1; before !== uses.size; ) {
    before = uses.size;
    for (const [module, used] of uses) {
      if ([...used].every((name) => !uses.has(name))) uses.delete(module);
    }
  }
  expect([...uses.keys()]).toEqual([]);
});
