import type { Demand, RequestId } from "@ionet/protocol";
import type { GpuPromise } from "../inventory/promises.ts";
import type { Share } from "../reservations/choose.ts";
import { meetDemand } from "../reservations/meet-demand.ts";
import { changesOf, freeAt, type Supply } from "./supply.ts";

/**
 * When a demand that can't be met now can be met at the latest, from the known latest ends of what runs, and by which
 * GPUs; null when it can't for all that is known. `supply` is of the demand's GPU model. Pure.
 */
export function earliest(
  supply: Supply,
  demand: Demand,
  { nowMs, promises, requestId }: { nowMs: number; promises: readonly GpuPromise[]; requestId: RequestId },
): { atMs: number; shares: Share[] } | null {
  for (const atMs of changesOf(supply, nowMs)) {
    const offers = freeAt(supply, atMs);
    // Choosing is dear, counting is not.
    if (offers.reduce((free, offer) => free + offer.gpusFree, 0) < demand.gpuCount) continue;
    const { shares } = meetDemand(offers, demand, { nowMs: atMs, promises, requestId });
    if (shares !== null) return { atMs, shares };
  }
  return null;
}
