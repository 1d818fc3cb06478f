import { readTrace, TraceUnreadable } from "../read-trace.ts";
import { seeded } from "../seeded.ts";
import { assumptions } from "./assumptions.ts";
import { factsOf } from "./facts.ts";
import { makeOffers } from "./make-offers.ts";
import { drawWishes, makeWishes, type TraceDemand } from "./make-wishes.ts";
import { type Policy, policies, severalNodes } from "./policies.ts";
import { pricesOf } from "./prices.ts";
import { replay } from "./replay.ts";
import { rounded, summarise } from "./summary.ts";

/** All that the benchmark prints: what the trace is, and every policy on it as recorded and under each load. */
export type Result = ReturnType<typeof comparePolicies>;

/**
 * Replays a trace under every policy. `folder` holds its CSV files, `pods` names the pod file where there are several.
 * `hours` is how long each load lasts. Throws TraceUnreadable.
 */
export function comparePolicies(terms: {
  folder: string;
  pods: string | undefined;
  hours: number;
  loads: readonly number[];
}) {
  const { folder, hours, loads } = terms;
  const trace = readTrace(folder, terms.pods);
  const { span, trace: facts, before } = factsOf(trace);
  if (facts.gpuDemands === 0 || facts.gpus === 0)
    throw new TraceUnreadable(`${folder}: no node with a GPU, or no pod that asks for one`);
  const prices = pricesOf(new Set(trace.nodes.filter((node) => node.gpus > 0).map((node) => node.model)));
  const offers = makeOffers(trace.nodes, prices, seeded(2023));
  const recorded = makeWishes(trace.pods);
  const run = (name: string, wishes: readonly TraceDemand[], of: { from: number; until: number }) => {
    const runOne = (policy: Policy) => {
      const start = performance.now();
      const result = summarise(policy.name, wishes, replay(offers, wishes, policy, of));
      const seconds = ((performance.now() - start) / 1000).toFixed(1);
      console.error(`bench replay: ${name}, ${policy.name}: ${wishes.length} demands in ${seconds} s`);
      return result;
    };
    return { policies: policies.map(runOne), severalNodes: runOne(severalNodes) };
  };
  const seconds = hours * 3600;
  return {
    nodes: facts.nodes,
    demands: facts.pods,
    gpus: facts.gpus,
    trace: facts,
    before,
    ...run("as recorded", recorded, span),
    loads: loads.map((load) => {
      const wishes = drawWishes(recorded, { load, gpus: facts.gpus, seconds, random: seeded(load * 1000) });
      return {
        load,
        hours,
        demands: wishes.length,
        ...run(`×${load}`, wishes, { from: 0, until: seconds }),
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
