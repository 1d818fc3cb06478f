import type { Share } from "@ionet/placement";
import type { RequestId, WaitsFor } from "@ionet/protocol";
import { gpuSetOf } from "../../supply/inventory/allocation/gpu-set.ts";
import { START_SECONDS } from "../../supply/inventory/hirable.ts";
import { forbiddenGpus, type GpuPromise } from "../../supply/inventory/promises.ts";
import { earliest } from "./earliest.ts";
import { fitting, fittingKey } from "./fitting.ts";
import { FUNDS_SEEN_MS, type RequestRecord, TELL_MS, TOLD_AT_ONCE, type Told } from "./model.ts";
import { afterTaking, freeAt, mostFreeTogether, type Supply } from "./supply.ts";
import { type Turns, type Wish, whoseTurn } from "./turns.ts";
import type { Work } from "./work.ts";

/** What is to be done with those that wait: promises that replace all others, bookings in order, and what to tell whom. */
export type QueueDecision = {
  promises: GpuPromise[];
  book: RequestRecord[];
  tell: { request: RequestRecord; told: Told }[];
};

/** When a round is, the promises in force until now, whose turn it was last, and the work, which is bounded. */
export type Round = { nowMs: number; inForce: readonly GpuPromise[]; turns: Turns; work: Work };

/**
 * One round over the requests that wait, oldest first: EASY backfilling (D. A. Lifka, The ANL/IBM SP Scheduling System,
 * 1995), one queue a GPU model. Who can be met is booked. The oldest that can't, but could at a time that is known, is
 * promised the GPUs it would take from that time on; everybody after it, and whoever books at once, may take those only
 * if gone by then.
 *
 * However many wait, a round takes some hundredths of a second: GPUs are counted for everybody, but chosen for few, who
 * have their turns; and a promise stays as it is until its request has its turn. Nothing is changed but `turns`.
 */
export async function decideQueue(
  waiting: readonly RequestRecord[],
  supply: Supply,
  round: Round,
): Promise<QueueDecision> {
  const decision: QueueDecision = { promises: [], book: [], tell: [] };
  const ofModel = Map.groupBy(supply, ({ offer }) => offer.gpuModel);
  const offersOf = ({ demand }: RequestRecord) => ofModel.get(demand.gpuModel) ?? [];
  const parts = {
    ...round,
    choosing: await turnsToChoose(waiting, offersOf, round),
    telling: turnsToTell(waiting, offersOf, round),
    seeking: { left: 1 },
  };
  for (const queue of Map.groupBy(waiting, ({ demand }) => demand.gpuModel).values()) {
    const [first] = queue;
    if (first !== undefined) await decideOneModel(decision, queue, offersOf(first), parts);
  }
  return decision;
}

/** Of those for whom there are enough free GPUs by number, the ones for whom GPUs are chosen in this round. */
async function turnsToChoose(
  waiting: readonly RequestRecord[],
  offersOf: (request: RequestRecord) => Supply,
  { nowMs, inForce, turns, work }: Round,
): Promise<Set<RequestId>> {
  // Those whose time has come are of who is being booked.
  const promisesOf = Map.groupBy(
    inForce.filter(({ fromMs }) => fromMs > nowMs),
    ({ nodeId }) => nodeId,
  );
  const fittingOf = rememberFitting();
  const freeOf = new Map<Supply, number>();
  const wishes: Wish[] = [];
  for (const request of waiting) {
    const { id, demand, tryAfterMs } = request;
    if (tryAfterMs > nowMs) continue;
    await work.pause();
    const fit = fittingOf(offersOf(request), request);
    const free = freeOf.get(fit) ?? mostFreeTogether(fit, nowMs);
    freeOf.set(fit, free);
    if (free < demand.gpuCount) continue;
    const endsMs = endOf(request, nowMs);
    const kept = (nodeId: GpuPromise["nodeId"]) =>
      forbiddenGpus(promisesOf.get(nodeId) ?? [], { nodeId, endsMs, requestId: id });
    if (promisesOf.size > 0 && mostFreeTogether(fit, nowMs, kept) < demand.gpuCount) continue;
    wishes.push({ id, lastMs: turns.chosen.get(id) ?? 0, offers: fit.length });
  }
  return whoseTurn(wishes);
}

/** Those that are told anew what they wait for, and by when. */
function turnsToTell(
  waiting: readonly RequestRecord[],
  offersOf: (request: RequestRecord) => Supply,
  { nowMs, turns }: Round,
): Set<RequestId> {
  const wishes = waiting.flatMap((request): Wish[] => {
    const { id, told, tryAfterMs } = request;
    const lastMs = Math.max(
      told.atMs ?? Number.NEGATIVE_INFINITY,
      turns.told.get(id) ?? Number.NEGATIVE_INFINITY,
    );
    if (tryAfterMs > nowMs || nowMs - lastMs < TELL_MS) return [];
    return [{ id, lastMs, offers: offersOf(request).length }];
  });
  return whoseTurn(wishes, TOLD_AT_ONCE);
}

async function decideOneModel(
  decision: QueueDecision,
  queue: readonly RequestRecord[],
  whole: Supply,
  round: Round & {
    choosing: ReadonlySet<RequestId>;
    telling: ReadonlySet<RequestId>;
    /** For so many more a new promise is looked for out of their turn. */
    seeking: { left: number };
  },
): Promise<void> {
  const { nowMs, inForce, turns, work, choosing, telling, seeking } = round;
  let supply = whole;
  let fittingOf = rememberFitting();
  // Of the oldest that can't be met. What is booked now counts as taken already, and no promise stands against it.
  let kept: GpuPromise[] = [];
  for (const [place, request] of queue.entries()) {
    const { id, demand } = request;
    const position = place + 1;
    // Who was refused stands back: it keeps its place, but nobody waits for it.
    if (request.tryAfterMs > nowMs) {
      tellNew(decision, request, { position, waitsFor: request.told.waitsFor, earliestMs: null });
      continue;
    }
    const isTold = telling.has(id);
    const meeting = { nowMs, promises: kept, requestId: id };
    // Who is told why it waits is told of all that is free.
    const among = () => (isTold ? supply : fittingOf(supply, request));
    const met = isTold || choosing.has(id) ? await work.meet(freeAt(among(), nowMs), demand, meeting) : null;
    if (met !== null && met.shares !== null) {
      decision.book.push(request);
      // Until it is booked nobody may take them, for however short a time.
      decision.promises.push(...promised(met.shares, nowMs, id));
      supply = afterTaking(supply, met.shares.map(takenBy), endOf(request, nowMs));
      fittingOf = rememberFitting();
      continue;
    }
    if (met !== null) turns.chosen.set(id, nowMs);
    const mayBePromised = kept.length === 0 && couldPay(request, nowMs);
    const own = inForce.filter(({ requestId, fromMs }) => requestId === id && fromMs > nowMs);
    const stands = mayBePromised && !isTold && own.length > 0;
    // The one before it is served: whose time was known is promised its GPUs at once.
    const isNext = mayBePromised && !isTold && !stands && hasTime(request) && seeking.left-- > 0;
    const known =
      isTold || isNext ? await earliest(fittingOf(supply, request), demand, { ...meeting, work }) : null;
    if (stands) kept = own;
    // Who will have left by then needs no promise.
    else if (mayBePromised && known !== null && known.atMs < request.waitUntilMs)
      kept = promised(known.shares, known.atMs, id);
    if (mayBePromised) decision.promises.push(...kept);
    if (!isTold || met === null) {
      const { earliestMs } = request.told;
      tellNew(decision, request, {
        ...request.told,
        position,
        earliestMs: isNext ? (known?.atMs ?? null) : earliestMs,
      });
      continue;
    }
    turns.told.set(id, nowMs);
    tellNew(decision, request, {
      position,
      waitsFor: waitsForOf(met.explain().input),
      earliestMs: known?.atMs ?? null,
    });
  }
}

/** Whether it was told a time at which it could be met, before it stops waiting. */
const hasTime = ({ told: { earliestMs }, waitUntilMs }: RequestRecord): boolean =>
  earliestMs !== null && earliestMs < waitUntilMs;

/** Whether its wallet showed lately that it could pay: else nobody has to wait for it. */
const couldPay = ({ fundsSeenAtMs }: RequestRecord, nowMs: number): boolean =>
  fundsSeenAtMs !== null && nowMs - fundsSeenAtMs <= FUNDS_SEEN_MS;

/** `fitting`, worked out once for demands that are fitted by the same of one supply. */
function rememberFitting(): (supply: Supply, request: RequestRecord) => Supply {
  const known = new Map<string, Supply>();
  return (supply, { demand }) => {
    const key = fittingKey(demand);
    const fit = known.get(key) ?? fitting(supply, demand);
    known.set(key, fit);
    return fit;
  };
}

function waitsForOf({ detail, field, given, allowed }: WaitsFor): WaitsFor {
  return {
    detail,
    ...(field === undefined ? {} : { field }),
    ...(given === undefined ? {} : { given }),
    ...(allowed === undefined ? {} : { allowed }),
  };
}

/** Tells only what is new, and nothing before it is known why. */
function tellNew(decision: QueueDecision, request: RequestRecord, told: Told): void {
  if (request.told.atMs === null && told.waitsFor === null) return;
  if (wordsOf(request.told) !== wordsOf(told)) decision.tell.push({ request, told });
}

const wordsOf = ({ position, waitsFor, earliestMs }: Told): string =>
  JSON.stringify([position, waitsFor?.detail ?? null, earliestMs]);

/** When a lease that is booked for it now would have ended. */
const endOf = ({ demand }: RequestRecord, nowMs: number): number =>
  nowMs + (START_SECONDS + demand.durationSeconds) * 1000;

const takenBy = ({ offer, gpus }: Share) => ({ nodeId: offer.nodeId, gpus });

const promised = (shares: readonly Share[], fromMs: number, requestId: RequestId): GpuPromise[] =>
  shares.map(({ offer, gpus }) => ({ nodeId: offer.nodeId, gpus: gpuSetOf(gpus), fromMs, requestId }));
