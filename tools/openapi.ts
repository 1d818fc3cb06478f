import { readFileSync, writeFileSync } from "node:fs";
import { openApiDocument } from "@ionet/protocol";

/*
 * Writes docs/openapi.json from the table of endpoints. `--check` compares instead and fails when they differ.
 *   tools/node tools/openapi.ts [--check]
 */

const target = new URL("../docs/openapi.json", import.meta.url);
const text = `${JSON.stringify(openApiDocument(), null, 2)}\n`;
if (process.argv.includes("--check")) {
  let committed = "";
  try {
    committed = readFileSync(target, "utf8");
  } catch {
    // Missing counts as different.
  }
  if (committed !== text) {
    process.stderr.write("docs/openapi.json does not match the endpoints: run tools/node tools/openapi.ts\n");
    process.exitCode = 1;
  }
} else {
  writeFileSync(target, text);
}
