import type { ChainContext } from "../../platform/context.ts";
import type { EscrowRecord } from "../escrows/model.ts";
import { unsettledEscrows } from "../escrows/store.ts";
import { decideRound, type Payment, type Purpose } from "./decide.ts";
import { loadRound } from "./load-round.ts";
import type { PayingContext } from "./payment/token-accounts.ts";
import { settleEscrow } from "./settle-escrow.ts";
import { createLane, sideBySide } from "./side-by-side.ts";
import { takeOver } from "./take-over.ts";

/** Clusters worked on at once: one that waits for the chain holds up none of the others. */
const CLUSTERS_AT_ONCE = 8;

/**
 * Pays. Escrows of ended clusters are settled and closed, refused escrows returned in full, running clusters paid by the
 * hour. What the chain shows decides, never our own rows: whatever was cut short before, nothing is paid twice, since
 * the program pays the difference to what it has paid, and a closed escrow can't pay.
 */
export async function reconcileSettlement(ctx: ChainContext): Promise<void> {
  const { changes, payments } = decideRound(await loadRound(ctx));
  for (const change of changes) await takeOver(ctx, change);
  const paying = { ...ctx, makeAccounts: createLane() };
  await sideBySide(
    CLUSTERS_AT_ONCE,
    payments.map((payment) => () => carryOut(paying, payment)),
  );
}

async function carryOut(ctx: PayingContext, payment: Payment): Promise<void> {
  const [escrows, purpose] = await escrowsFor(ctx, payment);
  for (const escrow of escrows) await settleEscrow(ctx, escrow, purpose);
}

async function escrowsFor(
  ctx: PayingContext,
  payment: Payment,
): Promise<[escrows: readonly EscrowRecord[], purpose: Purpose]> {
  if (payment.do === "pay") return [payment.escrows, "pay"];
  if (payment.do === "refund") return [[payment.escrow], "end"];
  // As they are when their turn comes: their deposits may have been raised, and some be settled, since the round began.
  return [await unsettledEscrows(ctx, payment.clusterId), "end"];
}
