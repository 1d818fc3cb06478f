/**
 * `npm run bench -- replay [--data DIR] [--pods FILE] [--json] [--hours 2] [--loads 1,1.3,2]`: a production cluster's
 * machines as offers and its pods as demands, in virtual time through the market's own chooser and book, beside first-fit
 * and best-fit: as recorded, and, where that is a light load, drawn from the same pods until the cluster is full.
 */
import { statSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { seeded } from "../reserve/seeded.ts";
import { factsOf } from "./facts.ts";
import { makeOffers } from "./make-offers.ts";
import { drawWishes, makeWishes, type Wish } from "./make-wishes.ts";
import { policies } from "./policies.ts";
import { pricesOf } from "./prices.ts";
import { readTrace, TraceUnreadable } from "./read-trace.ts";
import { replay } from "./replay.ts";
import { rounded, summarise } from "./summary.ts";
import { assumptions, text } from "./text.ts";

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
if (statSync(values.data, { throwIfNoEntry: false })?.isDirectory() !== true)
  refuse(`no trace in ${values.data}: name its folder with --data DIR`);
try {
  const result = measure(values.data);
  console.log(values.json ? JSON.stringify(result) : text(result));
} catch (error) {
  if (!(error instanceof TraceUnreadable)) throw error;
  refuse(error.message);
}

export type Result = ReturnType<typeof measure>;

function measure(folder: string) {
  const trace = readTrace(folder, values.pods);
  const { span, trace: facts, before } = factsOf(trace);
  if (facts.gpuDemands === 0 || facts.gpus === 0)
    throw new TraceUnreadable(`${folder}: no node with a GPU, or no pod that asks for one`);
  const prices = pricesOf(new Set(trace.nodes.filter((node) => node.gpus > 0).map((node) => node.model)));
  const offers = makeOffers(trace.nodes, prices, seeded(2023));
  const recorded = makeWishes(trace.pods);
  const run = (name: string, wishes: readonly Wish[], of: { from: number; until: number }) =>
    policies.map((policy) => {
      const start = performance.now();
      const result = summarise(policy.name, wishes, replay(offers, wishes, policy, of));
      const seconds = ((performance.now() - start) / 1000).toFixed(1);
      console.error(`bench replay: ${name}, ${policy.name}: ${wishes.length} demands in ${seconds} s`);
      return result;
    });
  const seconds = hours * 3600;
  return {
    nodes: facts.nodes,
    demands: facts.pods,
    gpus: facts.gpus,
    trace: facts,
    before,
    policies: run("as recorded", recorded, span),
    loads: loads.map((load) => {
      const wishes = drawWishes(recorded, { load, gpus: facts.gpus, seconds, random: seeded(load * 1000) });
      return {
        load,
        hours,
        demands: wishes.length,
        policies: run(`×${load}`, wishes, { from: 0, until: seconds }),
      };
    }),
    usedOfHired: rounded(
      recorded.reduce((sum, wish) => sum + wish.milliGpus * wish.runSeconds, 0) /
        recorded.reduce((sum, wish) => sum + 1000 * wish.gpus * wish.runSeconds, 0),
      4,
    ),
    prices: [...prices].map(([model, { microUsd, basis }]) => ({
      model,
      microUsdPerGpuHour: microUsd.toString(),
      basis,
    })),
    assumptions,
  };
}

function refuse(line: string): never {
  console.error(`bench replay: ${line}`);
  process.exit(2);
}
