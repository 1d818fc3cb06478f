import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const documents = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.md"], {
  cwd: root,
})
  .toString()
  .split("\n")
  .filter((file) => file !== "" && existsSync(join(root, file)));
const linksOf = (file: string) =>
  [...readFileSync(join(root, file), "utf8").matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(
    (match) => match[1] ?? "",
  );

test("every link of a document to a file leads there", () => {
  const links = documents.flatMap((file) => linksOf(file).map((link) => ({ file, link })));
  expect(links.length).toBeGreaterThan(5);
  const broken = links.filter(
    ({ file, link }) => !/^[a-z]+:/.test(link) && !existsSync(join(root, dirname(file), link)),
  );
  expect(broken).toEqual([]);
});

test("every package a room depends on has a line in ARCHITECTURE.md that says why", () => {
  const text = readFileSync(join(root, "ARCHITECTURE.md"), "utf8");
  const manifests = execFileSync("git", ["ls-files", "package.json", "*/package.json"], { cwd: root })
    .toString()
    .trim()
    .split("\n");
  type Manifest = { dependencies?: Record<string, string>; devDependencies?: Record<string, string> };
  const names = manifests.flatMap((file) => {
    const manifest = JSON.parse(readFileSync(join(root, file), "utf8")) as Manifest;
    return Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });
  });
  const missing = new Set(
    names.filter(
      (name) => !name.startsWith("@ionet/") && !name.startsWith("@types/") && !text.includes(`\`${name}\``),
    ),
  );
  expect([...missing]).toEqual([]);
});

test("ARCHITECTURE can be read in one sitting", () => {
  expect(Buffer.byteLength(readFileSync(join(root, "ARCHITECTURE.md")))).toBeLessThanOrEqual(12_000);
});
