import { type Demand, problem, type Request, type RequestId, type Reservation } from "@ionet/protocol";
import type { TransactionSigner } from "@solana/kit";
import { requireApprovedCurrency, requireWithin } from "./approved-terms.ts";
import type { CallInput, Ionet } from "./client.ts";
import { fundAndStart, type RentEvent, type Rented, type RentOptions, type Wanted } from "./rent.ts";

export type WaitingEvent =
  | Exclude<RentEvent, { event: "quoted" } | { event: "booked" }>
  /** At first, and whenever its place or what it waits for has changed. */
  | { event: "waiting"; request: Request }
  /** Its GPUs are held until the reservation expires. */
  | { event: "held"; request: Request; reservation: Reservation }
  /** Its hold was not funded in time: it waits again, at the end of the queue. */
  | { event: "lapsed"; request: Request }
  /** Nobody will fund it any more: it is cancelled, and what was held is let go. */
  | { event: "cancelled"; requestId: RequestId };

export type WaitingOptions = Omit<RentOptions, "onEvent" | "approve"> & {
  /** In the future, at most 30 days from now. */
  waitUntil: Date;
  onEvent?: (event: WaitingEvent) => void;
  /** The last look before money moves, while the GPUs are held for 90 s: false ends the request. */
  approve?: (reservation: Reservation, demand: Demand) => Promise<boolean> | boolean;
};

/** How long an answer about a request is held back, in seconds. */
const POLL_SECONDS = 20;

/**
 * As `rent`, for supply that is not there yet: the demand waits, is booked when supply fits, and its escrows are opened
 * at once, since the hold lasts 90 s; so the caller has to stay connected. What is held must be what was asked for, at no
 * more than its `maxPriceMicroUsdPerGpuHour`. Null when `approve` said no.
 *
 * When the signal aborts, or anything fails before the first escrow is funded, the request is cancelled. Throws
 * `request-ended` when its time was over, and what `openEscrows` and `waitForCluster` throw.
 */
export async function rentWhenFree(
  ionet: Ionet,
  signer: TransactionSigner,
  wanted: Wanted,
  options: WaitingOptions,
): Promise<Omit<Rented, "quote"> | null> {
  const { waitUntil, leasesPerEscrow, signal, approve = () => true, onEvent = () => {} } = options;
  const body: CallInput<"createRequest">["body"] = {
    ...wanted,
    waitUntil: waitUntil.toISOString(),
    ...(leasesPerEscrow === undefined ? {} : { leasesPerEscrow }),
  };
  const { id } = await ionet.createRequest({ body, ...(signal ? { signal } : {}) });
  let reservation: Reservation;
  try {
    const held = await waitUntilHeld(ionet, id, options);
    reservation = held.reservation;
    requireWithin(held.request.demand, reservation);
    requireApprovedCurrency(held.request, reservation, await ionet.getNetwork());
    if (!(await approve(reservation, held.request.demand))) {
      await letGo(ionet, id, onEvent);
      return null;
    }
  } catch (error) {
    await letGo(ionet, id, onEvent);
    throw error;
  }
  let funded = false;
  const watched = (event: RentEvent) => {
    if (event.event === "opened") funded = true;
    if (event.event !== "quoted" && event.event !== "booked") onEvent(event);
  };
  try {
    return await fundAndStart(ionet, signer, reservation, { ...options, onEvent: watched });
  } catch (error) {
    if (!funded) await letGo(ionet, id, onEvent);
    throw error;
  }
}

async function waitUntilHeld(
  ionet: Ionet,
  requestId: RequestId,
  { signal, onEvent = () => {} }: WaitingOptions,
): Promise<{ request: Request; reservation: Reservation }> {
  const withSignal = signal ? { signal } : {};
  let after = 0;
  for (;;) {
    const query = { after, waitSeconds: POLL_SECONDS };
    const { items } = await ionet.listRequestEvents({ params: { requestId }, query, ...withSignal });
    after = items.at(-1)?.id ?? after;
    const request = await ionet.getRequest({ params: { requestId }, ...withSignal });
    if (items.some(({ event }) => event === "lapsed")) onEvent({ event: "lapsed", request });
    if (request.state === "held" && request.reservationId !== null) {
      const { reservationId } = request;
      const reservation = await ionet.getReservation({ params: { reservationId }, ...withSignal });
      onEvent({ event: "held", request, reservation });
      return { request, reservation };
    }
    if (request.state !== "waiting") throw hasEnded(request);
    if (items.length > 0) onEvent({ event: "waiting", request });
  }
}

/** Nobody will fund it any more. When even that can't be said, the request ends by itself. */
async function letGo(
  ionet: Ionet,
  requestId: RequestId,
  onEvent: (event: WaitingEvent) => void,
): Promise<void> {
  const cancelled = await ionet.cancelRequest({ params: { requestId } }).catch(() => null);
  if (cancelled !== null) onEvent({ event: "cancelled", requestId });
}

const hasEnded = ({ id, state, reason }: Request) =>
  problem("request-ended", {
    detail: `the request is ${state}${reason === null ? "" : `: ${reason}`}; nothing was paid`,
    field: "request",
    given: id,
    next: "ask again: for longer, at a higher price, for fewer GPUs or less time; `ionet search` shows what is free",
  });
