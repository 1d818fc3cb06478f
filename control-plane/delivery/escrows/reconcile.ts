import { type EscrowState, readEscrows, whichExist } from "@ionet/chain";
import { baseUnits, leasesOfEscrow } from "@ionet/protocol";
import { address } from "@solana/kit";
import type { EscrowPlan, ReservationRecord } from "../../market/reservations/model.ts";
import {
  lockReservation,
  markFunded,
  markRefused,
  reservationsAwaitingEscrows,
} from "../../market/reservations/store.ts";
import type { ChainContext, Db } from "../../platform/context.ts";
import { judgeReservation, type ReservationVerdict } from "./judge-reservation.ts";
import type { EscrowRecord } from "./model.ts";
import { recordEscrow, seenEscrows } from "./store.ts";

/**
 * Where money meets the market: looks on the chain, at finalised commitment, for the escrows of reservations that wait
 * for some. When all of a reservation are there and equal to it, its cluster may start. Otherwise those that are there are
 * written down as refused, with the reason, and settlement returns them in full.
 */
export async function reconcileEscrows(ctx: ChainContext): Promise<void> {
  const waiting = await reservationsAwaitingEscrows(ctx);
  const addresses = waiting.flatMap(({ escrows }) => escrows.map((plan) => address(plan.address)));
  // One call for a hundred of them, so that those which nobody funds cost next to nothing.
  const opened = await whichExist(ctx.chain, addresses, "finalized");
  for (const reservation of waiting) {
    const there = reservation.escrows.map((plan) => address(plan.address)).filter((at) => opened.has(at));
    if (there.length > 0) await judge(ctx, reservation, await readEscrows(ctx.chain, there, "finalized"));
  }
}

async function judge(
  ctx: ChainContext,
  { id }: ReservationRecord,
  found: ReadonlyMap<string, EscrowState>,
): Promise<void> {
  const judgement = await ctx.db.transaction().execute(async (db): Promise<ReservationVerdict> => {
    // The row as it is now decides: it may have expired since it was read, or another process may have been quicker.
    const reservation = await lockReservation(db, id);
    if (reservation === undefined) return { do: "wait" };
    const judgedBefore = await seenEscrows(db, id);
    const seen = reservation.escrows.map((plan) =>
      judgedBefore.has(plan.address) ? null : (found.get(plan.address) ?? null),
    );
    const nowMs = ctx.clock.now();
    const decided = judgeReservation(reservation, seen, nowMs);
    if (decided.do !== "wait") await apply(db, reservation, seen, decided, nowMs);
    return decided;
  });
  if (judgement.do === "wait") return;
  if (judgement.do === "refuse") {
    ctx.log.warn({ reservation: id, reasons: judgement.reasons }, "escrows refused");
  }
  ctx.wake("clusters");
  ctx.wake("settlement");
}

async function apply(
  db: Db,
  reservation: ReservationRecord,
  seen: readonly (EscrowState | null)[],
  decided: Exclude<ReservationVerdict, { do: "wait" }>,
  nowMs: number,
): Promise<void> {
  if (decided.do === "fund") await markFunded(db, reservation.id);
  for (const [position, plan] of reservation.escrows.entries()) {
    const escrow = seen[position] ?? null;
    const reason = decided.do === "fund" ? null : (decided.reasons[position] ?? decided.reason);
    if (escrow) await recordEscrow(db, recordOf(reservation, { plan, position }, escrow, reason, nowMs));
  }
  if (decided.do === "refuse") {
    const judged = await seenEscrows(db, reservation.id);
    const allJudged = judged.size === reservation.escrows.length;
    await markRefused(db, reservation.id, decided.reason, allJudged);
  }
}

const recordOf = (
  reservation: ReservationRecord,
  { plan, position }: { plan: EscrowPlan; position: number },
  escrow: EscrowState,
  reason: string | null,
  nowMs: number,
): EscrowRecord => ({
  address: plan.address,
  position,
  reservationId: reservation.id,
  clusterId: reservation.clusterId,
  accountId: reservation.accountId,
  engineer: escrow.engineer,
  mint: escrow.mint,
  deposited: baseUnits(escrow.deposited),
  feeBps: escrow.feeBps,
  minimumSeconds: escrow.minimumSeconds,
  openedSlot: escrow.openedSlot,
  openedAtMs: escrow.openedAt * 1000,
  leases: leasesOfEscrow(reservation.leases, plan),
  state: reason === null ? "funded" : "refused",
  reason,
  seenAtMs: nowMs,
});
