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
