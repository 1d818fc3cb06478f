import { setImmediate as nextTurn } from "node:timers/promises";
import { Problem } from "@ionet/protocol";
import { listBackfills, replaceBackfills } from "../../supply/inventory/backfill.ts";
import { book } from "../reservations/book.ts";
import { createQuote } from "../reservations/create-quote.ts";
import { markRefused, reservationOfQuote } from "../reservations/store.ts";
import { decideQueue } from "./decide-queue.ts";
import { decideRequest } from "./decide-request.ts";
import { loadSupply } from "./load-supply.ts";
import { lookAtFunds } from "./look-at-funds.ts";
import { REQUEST_CANCELLED, type RequestRecord } from "./model.ts";
import { refuse } from "./refuse.ts";
import type { RequestContext } from "./request-context.ts";
import { forgetOthers } from "./round-robin.ts";
import { lockRequest, moveRequest, noteQuote, openRequests, tell } from "./store.ts";
import { openTimeSlices } from "./time-slices.ts";

/**
 * Serves the requests that wait. First each is brought to where its reservation is; then the queue is gone through, and
 * who can be met is booked as everybody books: by a quote and the one writer of allocations. Killed between any two
 * writes, the next run finds a booking by the quote that was noted before it.
 */
export async function reconcileRequests(ctx: RequestContext): Promise<void> {
  const open = await openRequests(ctx.db);
  for (const request of open) await settleRequest(ctx, request);
  const waiting = (await openRequests(ctx.db)).filter(({ state }) => state === "waiting");
  forgetOthers(ctx.turns, new Set(waiting.map(({ id }) => id)));
  if (waiting.length === 0) return replaceBackfills(ctx.db, []);
  const supply = await loadSupply(ctx, new Set(waiting.map(({ demand }) => demand.gpuModel)));
  const inForce = await listBackfills(ctx.db);
  const reservedFor = new Set(inForce.map(({ requestId }) => requestId));
  const queue = await lookAtFunds(ctx, waiting, supply, reservedFor);
  const nowMs = ctx.clock.now();
  const decision = await decideQueue(queue, supply, {
    nowMs,
    inForce,
    turns: ctx.turns,
    work: openTimeSlices(nextTurn),
  });
  await replaceBackfills(ctx.db, decision.backfills);
  for (const request of decision.book) await serve(ctx, request);
  for (const { request, told } of decision.tell) {
    await ctx.db.transaction().execute((db) => tell(db, request, told, nowMs));
    ctx.requestChanged(request.id);
  }
}

/** One step of one request, by what became of its reservation and by its time. */
async function settleRequest(ctx: RequestContext, request: RequestRecord): Promise<void> {
  const { id, quoteId } = request;
  const nowMs = ctx.clock.now();
  const reservation = quoteId === null ? null : ((await reservationOfQuote(ctx.db, quoteId)) ?? null);
  const step = decideRequest(request, reservation, nowMs);
  if (step === null) return;
  await ctx.db.transaction().execute(async (db) => {
    switch (step.do) {
      case "forget-quote":
        return noteQuote(db, id, null);
      case "hold": {
        const reservationId = reservation?.id ?? null;
        const event = { event: "held", atMs: nowMs } as const;
        if (await moveRequest(db, request, { to: "held", reservationId, quoteId }, event)) return;
        // Cancelled while it was being booked: nothing is held for it.
        const now = await lockRequest(db, id);
        if (now?.state === "cancelled" && reservationId !== null)
          await markRefused(db, reservationId, REQUEST_CANCELLED, false);
        return;
      }
      case "fulfil": {
        const { reservationId } = request;
        return moveRequest(
          db,
          request,
          { to: "fulfilled", reservationId },
          { event: "fulfilled", atMs: nowMs },
        );
      }
      case "wait-again": {
        const lapses = request.lapses + 1;
        const change = {
          to: "waiting",
          lapses,
          queuedAtMs: nowMs,
          quoteId: null,
          reservationId: null,
        } as const;
        return moveRequest(db, request, change, {
          event: "lapsed",
          atMs: nowMs,
          detail: reservation?.reason ?? null,
        });
      }
      case "expire": {
        const change = { to: "expired", reason: step.reason, reservationId: null } as const;
        return moveRequest(db, request, change, { event: "expired", atMs: nowMs, detail: step.reason });
      }
    }
  });
  ctx.requestChanged(id);
}

/** Books a request that can be met; one that is refused stands back for a while. */
async function serve(ctx: RequestContext, request: RequestRecord): Promise<void> {
  const { id, demand, leasesPerEscrow } = request;
  try {
    const quote = await createQuote(ctx, ctx.terms, request, demand, id);
    if (!(await noteQuote(ctx.db, id, quote.id))) return;
    const reservation = await book(ctx, ctx.terms, request, quote.id, leasesPerEscrow, id);
    await settleRequest(ctx, { ...request, quoteId: quote.id });
    ctx.log.info({ request: id, reservation: reservation.id }, "a waiting request was booked");
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    await refused(ctx, request, error);
  }
}

async function refused(ctx: RequestContext, request: RequestRecord, problem: Problem): Promise<void> {
  const { code } = problem;
  // Somebody was quicker, between looking and booking, or another control plane books: the next round looks again.
  if (code === "quote-taken" || code === "supply-insufficient" || code === "unavailable")
    await noteQuote(ctx.db, request.id, null);
  else await refuse(ctx, request, problem);
}
