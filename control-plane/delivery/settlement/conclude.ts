import type { ChainContext } from "../../platform/context.ts";
import { markClosed } from "../clusters/change.ts";
import { findCluster } from "../clusters/store.ts";
import type { EscrowRecord } from "../escrows/model.ts";
import { lockEscrows, markEscrowSettled, unsettledEscrows } from "../escrows/store.ts";
import { newestReading } from "../metering/sign-reading.ts";
import type { EscrowAccounting } from "./history/account.ts";
import { findAccount } from "./history/find-account.ts";
import { forgetPages } from "./history/history-store.ts";
import { type ClosedEscrowTerms, termsOf } from "./history/terms.ts";
import { treasuryOf } from "./payment/pay.ts";
import { payoutsOf, recordSettled, type SettlementRecord } from "./store.ts";

/**
 * The escrow is closed for good: what its transactions did is written down, and with the last of its escrows the cluster
 * is done.
 */
export async function conclude(
  ctx: ChainContext,
  escrow: EscrowRecord,
  settlement: Pick<SettlementRecord, "intendedSignature">,
): Promise<void> {
  const { terms, candidates } = termsOf(escrow, await loadClosed(ctx, escrow));
  const account = await findAccount(ctx, escrow, terms, candidates);
  // Others have sent many transactions: the next round reads on where this one has stopped.
  if (account === null) return ctx.wake("settlement");
  if (!account.proven) {
    ctx.log.warn({ escrow: escrow.address }, "the escrow's transactions moved other money besides");
  }
  await write(ctx, escrow, account);
  ctx.log.info({ escrow: escrow.address, last: settlement.intendedSignature }, "escrow settled");
}

async function loadClosed(
  ctx: ChainContext,
  { address, clusterId }: EscrowRecord,
): Promise<ClosedEscrowTerms> {
  const cluster = await findCluster(ctx, clusterId);
  return {
    read: (await newestReading(ctx.db, address))?.seconds ?? [],
    recorded: (await payoutsOf(ctx.db, address)).map((payout) => payout.seconds),
    budgets: new Map(cluster?.leases.map((lease) => [lease.id, lease.maxSeconds])),
    treasury: await treasuryOf(ctx.chain),
  };
}

async function write(ctx: ChainContext, escrow: EscrowRecord, account: EscrowAccounting): Promise<void> {
  const nowMs = ctx.clock.now();
  await ctx.db.transaction().execute(async (db) => {
    // Two at once, each with another escrow of the cluster: the later sees what the earlier has written.
    await lockEscrows(db, escrow.clusterId);
    await recordSettled(db, escrow.address, account, nowMs);
    await forgetPages(db, escrow.address);
    await markEscrowSettled(db, escrow.address, nowMs);
    const unsettled = await unsettledEscrows({ db }, escrow.clusterId);
    if (unsettled.length === 0) await markClosed(db, escrow.clusterId, nowMs);
  });
}
