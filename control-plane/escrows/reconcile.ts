import { type EscrowState, readEscrow } from "@ionet/chain";
import { baseUnits } from "@ionet/protocol";
import { type Address, address } from "@solana/kit";
import type { ChainContext } from "../context.ts";
import type { ReservationRecord } from "../reservations/model.ts";
import { markFunded, markRefused, reservationsAwaitingEscrow } from "../reservations/store.ts";
import { type EscrowRecord, judgeEscrow, type Verdict } from "./model.ts";
import { recordEscrow } from "./store.ts";

/** Accounts in one getMultipleAccounts call: the limit of Solana's own nodes. */
const ACCOUNTS_A_CALL = 100;

/**
 * Where money meets the market: looks on the chain, at finalised commitment, for the escrows of reservations that wait
 * for one. An escrow that equals its reservation lets the cluster start; any other is written down as refused, with the
 * reason, and settlement returns it in full.
 */
export async function reconcileEscrows(ctx: ChainContext): Promise<void> {
  const waiting = await reservationsAwaitingEscrow(ctx);
  const opened = await whichExist(ctx, waiting);
  for (const reservation of opened) {
    const escrow = await readEscrow(ctx.chain, address(reservation.escrowAddress), "finalized");
    if (escrow !== null) await apply(ctx, reservation, escrow);
  }
}

/** One call for up to a hundred reservations, so that those which nobody funds cost next to nothing. */
async function whichExist(ctx: ChainContext, waiting: ReservationRecord[]): Promise<ReservationRecord[]> {
  const found: ReservationRecord[] = [];
  for (let start = 0; start < waiting.length; start += ACCOUNTS_A_CALL) {
    const part = waiting.slice(start, start + ACCOUNTS_A_CALL);
    const addresses: Address[] = part.map((reservation) => address(reservation.escrowAddress));
    const { value } = await ctx.chain.rpc
      .getMultipleAccounts(addresses, {
        commitment: "finalized",
        encoding: "base64",
        dataSlice: { offset: 0, length: 0 },
      })
      .send();
    found.push(...part.filter((_, index) => value[index] != null));
  }
  return found;
}

async function apply(ctx: ChainContext, reservation: ReservationRecord, escrow: EscrowState): Promise<void> {
  const nowMs = ctx.clock.now();
  const verdict: Verdict = judgeEscrow(reservation, escrow, nowMs);
  await ctx.db.transaction().execute(async (db) => {
    // The row of the reservation decides: it may have expired since it was read.
    const funded = verdict.funded && (await markFunded(db, reservation.id));
    const reason = verdict.funded ? "too-late: the reservation was not held any more" : verdict.reason;
    if (!funded) await markRefused(db, reservation.id, reason);
    await recordEscrow(db, recordOf(reservation, escrow, funded ? null : reason, nowMs));
    if (!funded)
      ctx.log.warn({ reservation: reservation.id, escrow: escrow.address, reason }, "escrow refused");
  });
  ctx.wake("clusters");
  ctx.wake("settlement");
}

const recordOf = (
  reservation: ReservationRecord,
  escrow: EscrowState,
  reason: string | null,
  nowMs: number,
): EscrowRecord => ({
  address: reservation.escrowAddress,
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
  leases: reservation.leases,
  state: reason === null ? "funded" : "refused",
  reason,
  seenAtMs: nowMs,
});
