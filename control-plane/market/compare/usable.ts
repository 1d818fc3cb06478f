import { byReach, type FreeOffer } from "@ionet/placement";
import { type Demand, type LeftOut, MAX_GPUS_OF_DEMAND, MAX_LEASES_OF_CLUSTER } from "@ionet/protocol";
import { withoutBackfilled } from "../../supply/inventory/backfill.ts";
import { hirableFor, START_SECONDS } from "../../supply/inventory/hirable.ts";
import type { Meeting } from "../reservations/meet-demand.ts";

/** Free GPUs by what keeps a lease from them; and the offers of which a lease may take what is free. */
export type Usable = { offers: FreeOffer[]; leftOut: Map<LeftOut, number> };

/** What of these offers a lease of so long may take now, by the rules that quotes keep to. Pure. */
export function usableFor(
  offers: readonly FreeOffer[],
  { durationSeconds, currency }: Pick<Demand, "durationSeconds" | "currency">,
  { nowMs, backfills, requestId }: Meeting,
): Usable {
  const longEnough = offers.filter((offer) => hirableFor(offer, durationSeconds, nowMs));
  const payable = longEnough.filter((offer) => offer.currencies.includes(currency));
  const endsMs = nowMs + (START_SECONDS + durationSeconds) * 1000;
  const unreserved = withoutBackfilled(payable, backfills, { endsMs, requestId });
  return {
    offers: unreserved,
    leftOut: new Map([
      ["duration", freeOf(offers) - freeOf(longEnough)],
      ["currency", freeOf(longEnough) - freeOf(payable)],
      ["reserved", freeOf(payable) - freeOf(unreserved)],
    ]),
  };
}

/** The most GPUs of these offers that one cluster can have: on nodes that reach each other, each of which makes one lease. */
export const mostTogether = (offers: readonly FreeOffer[]): number =>
  Math.max(0, ...[...byReach(offers).values()].map(mostOnNodes));

function mostOnNodes(offers: readonly FreeOffer[]): number {
  const lots = new Map<string, number>();
  for (const { nodeId, gpusFree } of offers) lots.set(nodeId, Math.max(lots.get(nodeId) ?? 0, gpusFree));
  const nodesOfSize: number[] = [];
  for (const gpus of lots.values()) nodesOfSize[gpus] = (nodesOfSize[gpus] ?? 0) + 1;
  let [gpus, nodes] = [0, 0];
  for (let size = nodesOfSize.length - 1; size > 0 && nodes < MAX_LEASES_OF_CLUSTER; size--) {
    const taken = Math.min(nodesOfSize[size] ?? 0, MAX_LEASES_OF_CLUSTER - nodes);
    nodes += taken;
    gpus += taken * size;
  }
  return Math.min(MAX_GPUS_OF_DEMAND, gpus);
}

export const freeOf = (offers: readonly FreeOffer[]): number =>
  offers.reduce((sum, { gpusFree }) => sum + gpusFree, 0);
