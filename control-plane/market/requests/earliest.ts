import type { Share } from "@ionet/placement";
import type { Demand, RequestId } from "@ionet/protocol";
import type { BackfillReservation } from "../../supply/inventory/backfill.ts";
import { changesOf, freeAt, freeTimesTogether, type SupplyForecast } from "./supply-forecast.ts";
import type { TimeSlices } from "./time-slices.ts";

/** Moments that are tried for one request at most: then the best that is known by then is the answer. */
export const MOST_TRIES = 10;

/**
 * When a demand that can't be met now can be met at the latest, from the known latest ends of what runs, and by which
 * GPUs; null when it can't for all that is known. `supply`: what fits the demand. Choosing is dear, so it is tried at few
 * moments, and the answer may be a later one than the first.
 */
export async function earliest(
  supply: SupplyForecast,
  demand: Demand,
  {
    nowMs,
    backfills,
    requestId,
    work,
  }: { nowMs: number; backfills: readonly BackfillReservation[]; requestId: RequestId; work: TimeSlices },
): Promise<{ atMs: number; shares: Share[] } | null> {
  const groups = freeTimesTogether(supply);
  const times = changesOf(groups, nowMs);
  let tries = 0;
  const sharesAt = async (at: number): Promise<Share[] | null> => {
    const atMs = times[at];
    if (atMs === undefined) return null;
    tries++;
    return (await work.meet(freeAt(supply, atMs), demand, { nowMs: atMs, backfills, requestId })).shares;
  };
  // Without limits of suppliers, nodes or budget that bind, the first moment with enough GPUs is the answer.
  let met = firstWithEnough(groups, times, demand.gpuCount);
  let failed = met - 1;
  let shares = await sharesAt(met);
  if (shares === null && !(await couldBeMet(supply, times[met]))) return null;
  for (let step = 1; shares === null && met < times.length - 1 && tries < MOST_TRIES; step *= 4) {
    failed = met;
    met = Math.min(met + step, times.length - 1);
    shares = await sharesAt(met);
  }
  // More is free later than sooner, but for windows that close: with those it may name a later time than the first.
  while (shares !== null && met - failed > 1 && tries < MOST_TRIES) {
    const middle = Math.floor((failed + met) / 2);
    const sooner = await sharesAt(middle);
    if (sooner === null) failed = middle;
    else [met, shares] = [middle, sooner];
  }
  const atMs = times[met];
  return shares === null || atMs === undefined ? null : { atMs, shares };

  /** Whether it could be met if all were free at that moment: if not, it can't at any later one. */
  async function couldBeMet(all: SupplyForecast, atMs: number | undefined): Promise<boolean> {
    if (atMs === undefined) return false;
    const offers = all.map(({ offer }) => offer);
    return (await work.meet(offers, demand, { nowMs: atMs, backfills, requestId })).shares !== null;
  }
}

/** The place of the first of these times at which so many GPUs are free together; their number when there is none. */
function firstWithEnough(groups: readonly Float64Array[], times: Float64Array, count: number): number {
  const enoughMs = Math.min(...groups.map((free) => free[count - 1] ?? Number.POSITIVE_INFINITY));
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((times[middle] ?? 0) >= enoughMs) high = middle;
    else low = middle + 1;
  }
  return low;
}
