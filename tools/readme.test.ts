import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (file: string) => readFileSync(`${root}${file}`, "utf8");

test("README's commands name options that the commands have", () => {
  const lines = read("README.md")
    .split("\n")
    .filter((line) => line.startsWith("    npx ionet "))
    .map((line) => line.trim().split(/ {2,}/)[0] ?? "");
  expect(lines.length).toBeGreaterThanOrEqual(5);
  const sources = [
    "rent",
    "demand-options",
    "search",
    "compare",
    "listings",
    "requests",
    "earnings",
    "submit",
    "stop",
    "topup",
    "collect",
    "escrow-show",
    "network",
    "agent",
    "agent-terms",
    "agent-leases",
  ]
    .map((name) => read(`cli/commands/${name}.ts`))
    .join("\n");
  const options = lines.flatMap(
    (line) => (line.split(" -- ")[0] ?? "").match(/(?<= )--?[a-z][a-z-]*/g) ?? [],
  );
  expect(options.length).toBeGreaterThan(1);
  expect(options.filter((option) => !new RegExp(`[" ]${option}[ ,"]`).test(sources))).toEqual([]);
});

test("README's benchmarks are there, and all of them are in README", () => {
  const names = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, name]) => name);
  const told = names(read("README.md"), /^ {4}npm run bench -- ([a-z]+)/gm);
  expect(told.toSorted()).toEqual(names(read("bench/main.ts"), /^ {2}([a-z]+): "/gm).toSorted());
});

test("README names what can be asked without a wallet, and what waits", () => {
  const text = read("README.md");
  for (const command of ["search", "compare", "listings", "earnings", "requests"])
    expect(text).toContain(`npx ionet ${command}`);
});
