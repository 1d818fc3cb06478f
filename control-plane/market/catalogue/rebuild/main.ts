/** `npm run catalogue -- --from DIR` rebuilds the dated catalogues from source files; the same files give the same bytes. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { buildGpuModels, gpuModelsSource } from "./gpu-models.ts";
import { missingSources } from "./source-table.ts";

const root = fileURLToPath(new URL("../../../..", import.meta.url));

function write(file: string, text: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
  process.stderr.write(`catalogue: ${file}\n`);
}

function refuse(why: string): never {
  process.stderr.write(`catalogue: ${why}\n`);
  process.exit(2);
}

const { values } = parseArgs({ options: { from: { type: "string" } } });
if (values.from === undefined) {
  refuse("--from is missing: the folder with gpu_specs.csv, prices/, electricity_prices.csv …");
}
// Nothing is written before all sources are there.
const missing = missingSources(values.from);
if (missing.length > 0) refuse(`${values.from} has no ${missing.join(", ")}`);
write("protocol/generated/gpu-models.ts", gpuModelsSource(buildGpuModels(values.from)));
// The other catalogues name models of the one just written, so they are read after it.
const { rebuildCatalogues } = await import("./rebuild.ts");
for (const [file, text] of Object.entries(rebuildCatalogues(values.from))) {
  write(`control-plane/market/catalogue/data/${file}`, text);
}
