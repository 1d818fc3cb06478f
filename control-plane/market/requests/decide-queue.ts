import type { Share } from "@ionet/placement";
import type { RequestId, WaitsFor } from "@ionet/protocol";
import { gpuSetOf } from "../../supply/inventory/allocation/gpu-set.ts";
import { type BackfillReservation, forbiddenGpus } from "../../supply/inventory/backfill.ts";
import { START_SECONDS } from "../../supply/inventory/hirable.ts";
import { earliest } from "./earliest.ts";
import { fitting, fittingKey } from "./fitting.ts";
import { FUNDS_SEEN_MS, type RequestRecord, TELL_MS, TOLD_AT_ONCE, type Told } from "./model.ts";
import { type RoundRobin, type TurnWanted, whoseTurn } from "./round-robin.ts";
import { afterTaking, freeAt, mostFreeTogether, type SupplyForecast } from "./supply-forecast.ts";
import type { TimeSlices } from "./time-slices.ts";

/**
 * What is to be done with those that wait: backfill reservations that replace all others, bookings in order, and what to
 * tell whom.
 */
export type QueueDecision = {
  backfills: BackfillReservation[];
  book: RequestRecord[];
  tell: { request: RequestRecord; told: Told }[];
};

/** When a round is, the backfill reservations in force until now, whose turn it was last, and the work, which is bounded. */
export type Round = {
  nowMs: number;
  inForce: readonly BackfillReservation[];
  turns: RoundRobin;
  work: TimeSlices;
};

/**
 * One round over the requests that wait, oldest first: EASY backfilling (D. A. Lifka, The ANL/IBM SP Scheduling System,
 * 1995), one queue a GPU model. Who can be met is booked. The oldest that can't, but could at a time that is known, is
 * reserved the GPUs it would take from that time on; everybody after it, and whoever books at once, may take those only
 * if gone by then.
 *
 * However many wait, a round takes some hundredths of a second: GPUs are counted for everybody, but chosen for few, who
 * have their turns; and a backfill reservation stays as it is until its request has its turn. Nothing is changed but `turns`.
 */
export async function decideQueue(
  waiting: readonly RequestRecord[],
  supply: SupplyForecast,
  round: Round,
): Promise<QueueDecision> {
  const decision: QueueDecision = { backfills: [], book: [], tell: [] };
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
  offersOf: (request: RequestRecord) => SupplyForecast,
  { nowMs, inForce, turns, work }: Round,
): Promise<Set<RequestId>> {
  // Those whose time has come are of who is being booked.
  const backfillsOf = Map.groupBy(
    inForce.filter(({ fromMs }) => fromMs > nowMs),
    ({ nodeId }) => nodeId,
  );
  const fittingOf = rememberFitting();
  const freeOf = new Map<SupplyForecast, number>();
  const wishes: TurnWanted[] = [];
  for (const request of waiting) {
    const { id, demand, tryAfterMs } = request;
    if (tryAfterMs > nowMs) continue;
    await work.pause();
    const fit = fittingOf(offersOf(request), request);
    const free = freeOf.get(fit) ?? mostFreeTogether(fit, nowMs);
    freeOf.set(fit, free);
    if (free < demand.gpuCount) continue;
    const endsMs = endOf(request, nowMs);
    const kept = (nodeId: BackfillReservation["nodeId"]) =>
      forbiddenGpus(backfillsOf.get(nodeId) ?? [], { nodeId, endsMs, requestId: id });
    if (backfillsOf.size > 0 && mostFreeTogether(fit, nowMs, kept) < demand.gpuCount) continue;
    wishes.push({ id, lastMs: turns.chosen.get(id) ?? 0, offers: fit.length });
  }
  return whoseTurn(wishes);
}

/** Those that are told anew what they wait for, and by when. */
function turnsToTell(
  waiting: readonly RequestRecord[],
  offersOf: (request: RequestRecord) => SupplyForecast,
  { nowMs, turns }: Round,
): Set<RequestId> {
  const wishes = waiting.flatMap((request): TurnWanted[] => {
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
  whole: SupplyForecast,
  round: Round & {
    choosing: ReadonlySet<RequestId>;
    telling: ReadonlySet<RequestId>;
    /** For so many more a new backfill reservation is looked for out of their turn. */
    seeking: { left: number };
  },
): Promise<void> {
  const { nowMs, inForce, turns, work, choosing, telling, seeking } = round;
  let supply = whole;
  let fittingOf = rememberFitting();
  // Of the oldest that can't be met. What is booked now counts as taken already, and no backfill reservation stands against it.
  let kept: BackfillReservation[] = [];
  for (const [place, request] of queue.entries()) {
    const { id, demand } = request;
    const position = place + 1;
    // Who was refused stands back: it keeps its place, but nobody waits for it.
    if (request.tryAfterMs > nowMs) {
      tellNew(decision, request, { position, waitsFor: request.told.waitsFor, earliestMs: null });
      continue;
    }
    const isTold = telling.has(id);
    const meeting = { nowMs, backfills: kept, requestId: id };
    // Who is told why it waits is told of all that is free.
    const among = () => (isTold ? supply : fittingOf(supply, request));
    const met = isTold || choosing.has(id) ? await work.meet(freeAt(among(), nowMs), demand, meeting) : null;
    if (met !== null && met.shares !== null) {
      decision.book.push(request);
      // Until it is booked nobody may take them, for however short a time.
      decision.backfills.push(...reserved(met.shares, nowMs, id));
      supply = afterTaking(supply, met.shares.map(takenBy), endOf(request, nowMs));
      fittingOf = rememberFitting();
      continue;
    }
    if (met !== null) turns.chosen.set(id, nowMs);
    const mayReserve = kept.length === 0 && couldPay(request, nowMs);
    const own = inForce.filter(({ requestId, fromMs }) => requestId === id && fromMs > nowMs);
    const stands = mayReserve && !isTold && own.length > 0;
    // The one before it is served: whose time was known has its GPUs reserved at once.
    const isNext = mayReserve && !isTold && !stands && hasTime(request) && seeking.left-- > 0;
    const known =
      isTold || isNext ? await earliest(fittingOf(supply, request), demand, { ...meeting, work }) : null;
    if (stands) kept = own;
    // Who will have left by then needs no backfill reservation.
    else if (mayReserve && known !== null && known.atMs < request.waitUntilMs)
      kept = reserved(known.shares, known.atMs, id);
    if (mayReserve) decision.backfills.push(...kept);
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
function rememberFitting(): (supply: SupplyForecast, request: RequestRecord) => SupplyForecast {
  const known = new Map<string, SupplyForecast>();
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

const reserved = (shares: readonly Share[], fromMs: number, requestId: RequestId): BackfillReservation[] =>
  shares.map(({ offer, gpus }) => ({ nodeId: offer.nodeId, gpus: gpuSetOf(gpus), fromMs, requestId }));
