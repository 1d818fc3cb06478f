import type { Demand, RequestId } from "@ionet/protocol";
import type { GpuPromise } from "../inventory/promises.ts";
import type { Share } from "../reservations/choose.ts";
import { meetDemand } from "../reservations/meet-demand.ts";
import { changesOf, freeAt, gpuKey, type Supply } from "./supply.ts";

/**
 * When a demand that can't be met now can be met at the latest, from the known latest ends of what runs, and by which
 * GPUs; null when it can't for all that is known. `supply` is of the demand's GPU model. Pure.
 */
export function earliest(
  supply: Supply,
  demand: Demand,
  { nowMs, promises, requestId }: { nowMs: number; promises: readonly GpuPromise[]; requestId: RequestId },
): { atMs: number; shares: Share[] } | null {
  const times = changesOf(supply, nowMs);
  const sharesAt = (at: number): Share[] | null => {
    const atMs = times[at];
    if (atMs === undefined) return null;
    return meetDemand(freeAt(supply, atMs), demand, { nowMs: atMs, promises, requestId }).shares;
  };
  // Choosing is dear: it begins where there are enough by number, and goes on in steps that double.
  let failed = firstWithEnough(supply, times, demand.gpuCount) - 1;
  let met = failed + 1;
  let shares = sharesAt(met);
  for (let step = 1; shares === null && met < times.length - 1; step *= 2) {
    failed = met;
    met = Math.min(met + step, times.length - 1);
    shares = sharesAt(met);
  }
  // More is free later than sooner, but for windows that close: with those it may name a later time than the first.
  while (shares !== null && met - failed > 1) {
    const middle = Math.floor((failed + met) / 2);
    const sooner = sharesAt(middle);
    if (sooner === null) failed = middle;
    else [met, shares] = [middle, sooner];
  }
  const atMs = times[met];
  return shares === null || atMs === undefined ? null : { atMs, shares };
}

/** The place of the first of these times at which so many GPUs are free; their number when there is none. */
function firstWithEnough({ offers, freeAtMs }: Supply, times: readonly number[], count: number): number {
  const frees = offers
    .flatMap((offer) => offer.freeGpus.map((gpu) => freeAtMs.get(gpuKey(offer.nodeId, gpu)) ?? 0))
    .sort((a, b) => a - b);
  const enoughMs = frees[count - 1];
  const place = enoughMs === undefined ? -1 : times.findIndex((time) => time >= enoughMs);
  return place === -1 ? times.length : place;
}
