import type { FreeOffer } from "@ionet/placement";
import { testOffer } from "@ionet/placement/testing";
import { makeId, microUsdPerGpuHour } from "@ionet/protocol";
import type { TraceNode } from "../read-trace.ts";
import type { Seeded } from "../seeded.ts";
import type { ModelPrice } from "./prices.ts";

/** Machines that one supplier is taken to own: the trace has one owner for all. */
export const NODES_OF_SUPPLIER = 20;
/** How far a supplier's prices are from the model's, at most, in percent. */
export const SPREAD_PERCENT = 20;

/** What the nodes with GPUs would offer, in the trace's order: a supplier asks one price a model, seeded around it. */
export function makeOffers(
  nodes: readonly TraceNode[],
  prices: ReadonlyMap<string, ModelPrice>,
  random: Seeded,
): FreeOffer[] {
  const withGpus = nodes.filter((node) => node.gpus > 0);
  const suppliers = Math.ceil(withGpus.length / NODES_OF_SUPPLIER);
  const percents = Array.from(
    { length: suppliers },
    () => 100 - SPREAD_PERCENT + random.below(2 * SPREAD_PERCENT + 1),
  );
  return withGpus.map(({ gpus, model }, index) => {
    const supplier = random.below(suppliers);
    const price = prices.get(model)?.microUsd ?? 0n;
    return testOffer({
      nodeId: makeId(
        "node",
        Uint8Array.from({ length: 20 }, (_, i) => (i < 4 ? (index >> (5 * i)) & 31 : 0)),
      ),
      supplier: `supplier${supplier}`,
      gpuModel: model,
      gpusFree: gpus,
      confinement: "namespace",
      priceMicroUsdPerGpuHour: microUsdPerGpuHour((price * BigInt(percents[supplier] ?? 100)) / 100n),
    });
  });
}
