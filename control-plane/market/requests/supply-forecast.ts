import type { FreeOffer } from "@ionet/placement";
import { type GpuSet, gpuSetOf, NO_GPUS } from "../../supply/inventory/allocation/gpu-set.ts";

/**
 * An offer of all GPUs that it has, the taken ones too; and by when each of them is free at the latest, in the order of
 * its `freeGpus` (Unix ms; null: all are free now).
 */
export type Stock = { offer: FreeOffer; freeAtMs: readonly number[] | null };

/** All that is for hire, whoever has it now. */
export type SupplyForecast = readonly Stock[];

/** What is free at a moment (Unix ms), if no lease ends early and nothing else is taken; offers of nothing are left out. */
export const freeAt = (supply: SupplyForecast, atMs: number): FreeOffer[] =>
  supply.flatMap(({ offer, freeAtMs }) => {
    if (freeAtMs === null) return offer;
    const freeGpus = offer.freeGpus.filter((_, place) => (freeAtMs[place] ?? 0) <= atMs);
    if (freeGpus.length === 0) return [];
    return freeGpus.length === offer.freeGpus.length
      ? offer
      : { ...offer, freeGpus, gpusFree: freeGpus.length };
  });

/**
 * How many GPUs are free at a moment (Unix ms), of the nodes that can reach each other: of the group that has most.
 * `kept`: which GPUs of a node are not to be had.
 */
export function mostFreeTogether(
  supply: SupplyForecast,
  atMs: number,
  kept: (nodeId: FreeOffer["nodeId"]) => GpuSet = () => NO_GPUS,
): number {
  const free = new Map<FreeOffer["confinement"], number>();
  for (const { offer, freeAtMs } of supply) {
    const count = freeOfOne(offer.freeGpus, freeAtMs, atMs, kept(offer.nodeId));
    if (count > 0) free.set(offer.confinement, (free.get(offer.confinement) ?? 0) + count);
  }
  return Math.max(0, ...free.values());
}

/** Written for speed: this runs for every offer of a market, over and over. */
function freeOfOne(
  gpus: readonly number[],
  freeAtMs: readonly number[] | null,
  atMs: number,
  kept: GpuSet,
): number {
  if (kept === NO_GPUS && freeAtMs === null) return gpus.length;
  let count = 0;
  for (let place = 0; place < gpus.length; place++) {
    if (freeAtMs !== null && (freeAtMs[place] ?? 0) > atMs) continue;
    if (kept !== NO_GPUS && (kept & gpuSetOf([gpus[place] ?? 0])) !== NO_GPUS) continue;
    count++;
  }
  return count;
}

/** When the GPUs of nodes that can reach each other are free (Unix ms; 0: now), ascending: a list for each such group. */
export function freeTimesTogether(supply: SupplyForecast): Float64Array[] {
  const groups = new Map<FreeOffer["confinement"], number[]>();
  for (const { offer, freeAtMs } of supply) {
    const times = groups.get(offer.confinement) ?? [];
    groups.set(offer.confinement, times);
    for (let place = 0; place < offer.freeGpus.length; place++) times.push(freeAtMs?.[place] ?? 0);
  }
  // Numbers of their own kind are sorted several times faster.
  return [...groups.values()].map((times) => Float64Array.from(times).sort());
}

/** The moments after `nowMs` at which GPUs become free, ascending, each once; those that are not known left out. */
export function changesOf(groups: readonly Float64Array[], nowMs: number): Float64Array {
  const [first = new Float64Array()] = groups;
  const all = groups.length === 1 ? first : Float64Array.from(groups.flatMap((times) => [...times])).sort();
  const changes = new Float64Array(all.length);
  let count = 0;
  for (const ms of all)
    if (ms > nowMs && Number.isFinite(ms) && ms !== changes[count - 1]) changes[count++] = ms;
  return changes.subarray(0, count);
}

/** The supply after some GPUs were taken until a time. */
export function afterTaking(
  supply: SupplyForecast,
  taken: readonly { nodeId: string; gpus: readonly number[] }[],
  untilMs: number,
): SupplyForecast {
  const byNode = new Map(taken.map(({ nodeId, gpus }) => [nodeId, gpus]));
  return supply.map((stock) => {
    const gpus = byNode.get(stock.offer.nodeId);
    if (gpus === undefined) return stock;
    const { offer, freeAtMs } = stock;
    return {
      offer,
      freeAtMs: offer.freeGpus.map((gpu, place) => (gpus.includes(gpu) ? untilMs : (freeAtMs?.[place] ?? 0))),
    };
  });
}
