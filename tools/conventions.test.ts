import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { RAY_VERSION } from "@ionet/protocol";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const product = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.ts"], {
  cwd: root,
})
  .toString()
  .split("\n")
  .filter((file) => file !== "" && existsSync(join(root, file)))
  .filter((file) => !/\.test\.ts$|\/(tests?|testing)\/|\/generated\/|^tools\/|^e2e\/|^bench\//.test(file));

const linesWith = (pattern: RegExp, files = product) =>
  files.flatMap((file) =>
    readFileSync(join(root, file), "utf8")
      .split("\n")
      .flatMap((line, index) =>
        pattern.test(line.replace(/\/\/.*|^\s*\/?\*.*/, "")) ? [`${file}:${index + 1}: ${line.trim()}`] : [],
      ),
  );

test("the scan sees the product", () => {
  expect(product.length).toBeGreaterThan(50);
});

test("only composition reads the clock and makes randomness: time and ids come in from outside", () => {
  const composition = /(^|\/)(main|start|clock|random)\.ts$/;
  const found = linesWith(
    /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bperformance\.now\(/,
    product.filter((file) => !composition.test(file)),
  );
  expect(found).toEqual([]);
});

test("no type is silenced", () => {
  expect(
    linesWith(/\bas any\b(?! [a-z])|: any\b(?! [a-z])|@ts-ignore|@ts-expect-error|as unknown as/),
  ).toEqual([]);
});

test("the words of an error come from one function, which looks inside where the outer words say nothing", () => {
  expect(linesWith(/\b(\w+(\.\w+)*) instanceof Error \? \1\.message/)).toEqual([]);
});

test("no file hides a way to a machine of ours", () => {
  expect(linesWith(/["'`]\/(work|root|home\/[a-z]+)\//)).toEqual([]);
});

test("the Ray that the control plane names is the one that agents install", () => {
  const requirements = readFileSync(join(root, "agent/environment/requirements.txt"), "utf8");
  expect(requirements).toContain(`\nray==${RAY_VERSION} `);
});

test("a type's name has one home", () => {
  const homes = new Map<string, string[]>();
  for (const file of product) {
    const declared = readFileSync(join(root, file), "utf8").matchAll(
      /^(?:export )?(?:type|interface|class|enum) ([A-Z]\w*)/gm,
    );
    for (const [, name = ""] of declared) homes.set(name, [...(homes.get(name) ?? []), file]);
  }
  expect([...homes].filter(([, files]) => files.length > 1)).toEqual([]);
});
