/**
 * `npm run bench -- replay [--data DIR] [--pods FILE] [--json] [--hours 2] [--loads 1,1.3,2]`: a production cluster's
 * machines as offers and its pods as demands, in virtual time through the market's own chooser and book, beside first-fit
 * and best-fit: as recorded, and, where that is a light load, drawn from the same pods until the cluster is full. Skipped,
 * with a line that says so, where the folder is not there.
 */
import { statSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { TraceUnreadable } from "../read-trace.ts";
import { comparePolicies } from "./compare-policies.ts";
import { text } from "./text.ts";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    data: { type: "string", default: join(import.meta.dirname, "../../../shared/data/traces") },
    pods: { type: "string" },
    hours: { type: "string", default: "2" },
    loads: { type: "string", default: "1,1.3,2" },
  },
});
const hours = Number(values.hours);
const loads = values.loads.split(",").map(Number);
if (!(hours > 0 && hours <= 24)) refuse("--hours takes a number above 0, at most 24");
if (!loads.every((load) => load > 0 && load <= 10))
  refuse("--loads takes numbers above 0, at most 10, with commas between");
if (statSync(values.data, { throwIfNoEntry: false })?.isDirectory() !== true) {
  // Not everybody has the trace: that is no failure.
  const skipped = `no trace in ${values.data}: name its folder with --data DIR`;
  console.log(values.json ? JSON.stringify({ skipped }) : `bench replay: skipped, ${skipped}`);
  process.exit(0);
}
try {
  const result = comparePolicies({ folder: values.data, pods: values.pods, hours, loads });
  console.log(values.json ? JSON.stringify(result) : text(result));
} catch (error) {
  if (!(error instanceof TraceUnreadable)) throw error;
  refuse(error.message);
}

function refuse(line: string): never {
  console.error(`bench replay: ${line}`);
  process.exit(2);
}
