import type { RequestId, WaitsFor } from "@ionet/protocol";
import { gpuSetOf } from "../inventory/allocation/gpu-set.ts";
import { START_SECONDS } from "../inventory/hirable.ts";
import type { GpuPromise } from "../inventory/promises.ts";
import type { Share } from "../reservations/choose.ts";
import { meetDemand } from "../reservations/meet-demand.ts";
import { earliest } from "./earliest.ts";
import { type RequestRecord, TELL_MS, TOLD_AT_ONCE, type Told } from "./model.ts";
import { afterTaking, freeAt, ofModel, type Supply } from "./supply.ts";

/** What is to be done with those that wait: promises that replace all others, bookings in order, and what to tell whom. */
export type QueueDecision = {
  promises: GpuPromise[];
  book: RequestRecord[];
  tell: { request: RequestRecord; told: Told }[];
};

/**
 * One round over the requests that wait, oldest first: EASY backfilling (D. A. Lifka, The ANL/IBM SP Scheduling System,
 * 1995), one queue a GPU model. Who can be met is booked. The oldest that can't, but could at a time that is known, is
 * promised the GPUs it would take from that time on; everybody after it, and whoever books at once, may take those only
 * if gone by then. Pure.
 */
export function decideQueue(waiting: readonly RequestRecord[], supply: Supply, nowMs: number): QueueDecision {
  const decision: QueueDecision = { promises: [], book: [], tell: [] };
  const due = waiting
    .filter((request) => isToldAnew(request, nowMs))
    .sort((a, b) => (a.told.atMs ?? 0) - (b.told.atMs ?? 0))
    .slice(0, TOLD_AT_ONCE);
  const anew = new Set(due.map(({ id }) => id));
  for (const queue of Map.groupBy(waiting, ({ demand }) => demand.gpuModel).values()) {
    decideOneModel(decision, queue, supply, { nowMs, anew });
  }
  return decision;
}

function decideOneModel(
  decision: QueueDecision,
  queue: readonly RequestRecord[],
  whole: Supply,
  { nowMs, anew }: { nowMs: number; anew: ReadonlySet<RequestId> },
): void {
  const [first] = queue;
  if (first === undefined) return;
  let supply = ofModel(whole, first.demand.gpuModel);
  let free = freeAt(supply, nowMs);
  // Of the oldest that can't be met. What is booked now counts as taken already, and no promise stands against it.
  let kept: GpuPromise[] = [];
  let position = 0;
  for (const request of queue) {
    position++;
    const { id, demand } = request;
    const meeting = { nowMs, promises: kept, requestId: id };
    // Who was refused stands back: it keeps its place, but nobody waits for it.
    if (request.tryAfterMs > nowMs) {
      told(decision, request, { position, waitsFor: request.told.waitsFor, earliestMs: null }, nowMs);
      continue;
    }
    const met = meetDemand(free, demand, meeting);
    if (met.shares !== null) {
      decision.book.push(request);
      // Until it is booked nobody may take them, for however short a time.
      decision.promises.push(...promised(met.shares, nowMs, id));
      const endsMs = nowMs + (START_SECONDS + demand.durationSeconds) * 1000;
      supply = afterTaking(supply, met.shares.map(takenBy), endsMs);
      free = freeAt(supply, nowMs);
      continue;
    }
    const known = kept.length > 0 && !anew.has(id) ? null : earliest(supply, demand, meeting);
    // Who will have left by then needs no promise.
    if (kept.length === 0 && known !== null && known.atMs < request.waitUntilMs) {
      kept = promised(known.shares, known.atMs, id);
      decision.promises.push(...kept);
    }
    if (!anew.has(id)) {
      told(decision, request, { ...request.told, position }, nowMs);
      continue;
    }
    const { detail, field, given, allowed } = met.explain().input;
    const waitsFor: WaitsFor = {
      detail,
      ...(field === undefined ? {} : { field }),
      ...(given === undefined ? {} : { given }),
      ...(allowed === undefined ? {} : { allowed }),
    };
    told(decision, request, { position, waitsFor, earliestMs: known?.atMs ?? null }, nowMs);
  }
}

const isToldAnew = ({ told: { atMs } }: RequestRecord, nowMs: number): boolean =>
  atMs === null || nowMs - atMs >= TELL_MS;

/** Tells only what is new. */
function told(decision: QueueDecision, request: RequestRecord, now: Told, nowMs: number): void {
  const { position, waitsFor, earliestMs } = request.told;
  const before = JSON.stringify([position, waitsFor?.detail ?? null, earliestMs]);
  if (request.told.atMs === null && now.waitsFor === null) return;
  if (request.told.atMs !== null && !isToldAnew(request, nowMs) && position === now.position) return;
  if (before !== JSON.stringify([now.position, now.waitsFor?.detail ?? null, now.earliestMs]))
    decision.tell.push({ request, told: now });
}

const takenBy = ({ offer, gpus }: Share) => ({ nodeId: offer.nodeId, gpus });

const promised = (shares: readonly Share[], fromMs: number, requestId: RequestId): GpuPromise[] =>
  shares.map(({ offer, gpus }) => ({ nodeId: offer.nodeId, gpus: gpuSetOf(gpus), fromMs, requestId }));
