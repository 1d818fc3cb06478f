import {
  type Demand,
  type Problem,
  problem,
  type RequestId,
  type Reservation,
  type WaitingRequest,
} from "@ionet/protocol";
import type { TransactionSigner } from "@solana/kit";
import { requireApprovedCurrency, requireWithin } from "./approved-terms.ts";
import type { CallInput, Ionet } from "./client.ts";
import { followRequest } from "./follow-request.ts";
import { anyOpened } from "./open-escrows.ts";
import { isUnavailable, type Patience, patiently } from "./patiently.ts";
import {
  fundAndStart,
  type RentEvent,
  type Rented,
  type RentOptions,
  type Wanted,
  waitForCluster,
} from "./rent.ts";

export type WaitingEvent =
  | Exclude<RentEvent, { event: "quoted" } | { event: "booked" }>
  /** At first, and whenever its place or what it waits for has changed. */
  | { event: "waiting"; request: WaitingRequest }
  /** Its GPUs are held until the reservation expires. */
  | { event: "held"; request: WaitingRequest; reservation: Reservation }
  /** Its hold was not funded in time: it waits again, at the end of the queue. */
  | { event: "lapsed"; request: WaitingRequest }
  /** Nobody will fund it any more: it is cancelled, and what was held is let go. */
  | { event: "cancelled"; requestId: RequestId }
  /** That could not be said to the control plane: the request is still there, and `resumeRequest` goes on with it. */
  | { event: "left"; requestId: RequestId }
  /** The control plane does not answer; it is asked again after so many ms, until the request has stopped waiting. */
  | { event: "unreachable"; problem: Problem; againMs: number };

export type ResumeOptions = Omit<RentOptions, "onEvent" | "approve"> & {
  onEvent?: (event: WaitingEvent) => void;
  /** The last look before money moves, while the GPUs are held for 90 s: false ends the request. */
  approve?: (reservation: Reservation, demand: Demand) => Promise<boolean> | boolean;
} & Pick<Patience, "clock" | "firstPauseMs">;

export type WaitingOptions = ResumeOptions & {
  /** In the future, at most 30 days from now. */
  waitUntil: Date;
};

/**
 * As `rent`, for supply that is not there yet: the demand waits, is booked when supply fits, and its escrows are opened
 * at once, since the hold lasts 90 s; so the caller has to stay connected. What is held must be what was asked for, at no
 * more than its `maxPriceMicroUsdPerGpuHour`. Null when `approve` said no.
 *
 * While the control plane does not answer it is asked again, until the request has stopped waiting. When the signal
 * aborts, or anything else fails before the first escrow is funded, the request is cancelled. Throws `request-ended` when
 * its time was over, and what `openEscrows` and `waitForCluster` throw.
 */
export async function rentWhenFree(
  ionet: Ionet,
  signer: TransactionSigner,
  wanted: Wanted,
  options: WaitingOptions,
): Promise<Omit<Rented, "quote"> | null> {
  const { waitUntil, leasesPerEscrow, signal } = options;
  const body: CallInput<"createRequest">["body"] = {
    ...wanted,
    waitUntil: waitUntil.toISOString(),
    ...(leasesPerEscrow === undefined ? {} : { leasesPerEscrow }),
  };
  const request = await ionet.createRequest({ body, ...(signal ? { signal } : {}) });
  return resumeRequest(ionet, signer, request, options);
}

/**
 * The second half of `rentWhenFree`: waits with a request that is there already, and funds what is held for it. Whoever
 * was cut off goes on with it.
 */
export async function resumeRequest(
  ionet: Ionet,
  signer: TransactionSigner,
  { id, waitUntil }: Pick<WaitingRequest, "id" | "waitUntil">,
  options: ResumeOptions,
): Promise<Omit<Rented, "quote"> | null> {
  const { approve = () => true, onEvent = () => {} } = options;
  const patience: Patience = {
    ...options,
    untilMs: Date.parse(waitUntil),
    onUnreachable: (problem, againMs) => onEvent({ event: "unreachable", problem, againMs }),
  };
  let held: { request: WaitingRequest; reservation: Reservation };
  try {
    held = await waitUntilHeld(ionet, id, patience, onEvent);
    const { request, reservation } = held;
    if (request.state === "held") {
      requireWithin(request.demand, reservation);
      requireApprovedCurrency(request, reservation, await patiently(() => ionet.getNetwork(), patience));
      if (!(await approve(reservation, request.demand))) {
        await letGo(ionet, id, onEvent);
        return null;
      }
    }
  } catch (error) {
    await letGo(ionet, id, onEvent);
    throw error;
  }
  const { reservation } = held;
  if (held.request.state !== "held") return alreadyPaid(ionet, reservation, options);
  let funded = false;
  const watched = (event: RentEvent) => {
    if (event.event === "opened") funded = true;
    if (event.event !== "quoted" && event.event !== "booked") onEvent(event);
  };
  try {
    return await fundAndStart(ionet, signer, reservation, { ...options, onEvent: watched });
  } catch (error) {
    // Another command may have paid for the same request meanwhile.
    if (!funded && !(await anyOpened(ionet, reservation, options.chain))) await letGo(ionet, id, onEvent);
    throw error;
  }
}

/** A request that was paid before, by a command that did not live to tell: its cluster is waited for. */
async function alreadyPaid(
  ionet: Ionet,
  reservation: Reservation,
  { signal, onEvent = () => {} }: ResumeOptions,
): Promise<Omit<Rented, "quote">> {
  const cluster = await waitForCluster(ionet, reservation.clusterId, {
    reservation,
    until: (seen) => seen.state === "ready",
    onChange: (seen) => onEvent({ event: "cluster", cluster: seen }),
    ...(signal ? { signal } : {}),
  });
  return { reservation, escrows: [], cluster };
}

async function waitUntilHeld(
  ionet: Ionet,
  requestId: RequestId,
  patience: Patience,
  onEvent: (event: WaitingEvent) => void,
): Promise<{ request: WaitingRequest; reservation: Reservation }> {
  const withSignal = patience.signal ? { signal: patience.signal } : {};
  const look = () => patiently(() => ionet.getRequest({ params: { requestId }, ...withSignal }), patience);
  let told = "";
  for await (const { event } of followRequest(ionet, requestId, patience)) {
    const request = await look();
    const { state, reservationId, position, waitsFor, earliestAt } = request;
    if (event === "lapsed") onEvent({ event: "lapsed", request });
    if ((state === "held" || state === "fulfilled") && reservationId !== null) {
      const reservation = await patiently(
        () => ionet.getReservation({ params: { reservationId }, ...withSignal }),
        patience,
      );
      if (state === "held") onEvent({ event: "held", request, reservation });
      return { request, reservation };
    }
    if (state !== "waiting") throw hasEnded(request);
    const now = JSON.stringify([position, waitsFor, earliestAt]);
    if (now !== told) onEvent({ event: "waiting", request });
    told = now;
  }
  throw hasEnded(await look());
}

/** Nobody will fund it any more. When even that can't be said, whoever asked is told that it is still there. */
async function letGo(
  ionet: Ionet,
  requestId: RequestId,
  onEvent: (event: WaitingEvent) => void,
): Promise<void> {
  try {
    await ionet.cancelRequest({ params: { requestId } });
    onEvent({ event: "cancelled", requestId });
  } catch (error) {
    // One that has ended needs no end.
    if (isUnavailable(error)) onEvent({ event: "left", requestId });
  }
}

const hasEnded = ({ id, state, reason }: WaitingRequest) =>
  problem("request-ended", {
    detail: `the request is ${state}${reason === null ? "" : `: ${reason}`}; nothing was paid`,
    field: "request",
    given: id,
    next: "ask again: for longer, at a higher price, for fewer GPUs or less time; `ionet search` shows what is free",
  });
