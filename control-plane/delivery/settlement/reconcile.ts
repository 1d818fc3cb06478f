import { baseUnits, type QuotedLease } from "@ionet/protocol";
import type { ChainContext } from "../../platform/context.ts";
import { markClosed } from "../clusters/change.ts";
import { clustersToSettle, runningClusters } from "../clusters/hand-over.ts";
import type { ClusterWithLeases } from "../clusters/model.ts";
import { findCluster } from "../clusters/store.ts";
import type { EscrowRecord } from "../escrows/model.ts";
import {
  escrowsOf,
  escrowsToRefund,
  lockEscrows,
  markEscrowSettled,
  raiseDeposit,
  unsettledEscrows,
} from "../escrows/store.ts";
import { sealedLeases } from "../metering/count-cluster.ts";
import {
  type KeptReading,
  newestReading,
  signNothingDelivered,
  signReadings,
} from "../metering/sign-reading.ts";
import { currentEscrow } from "./current-escrow.ts";
import { followTopUps } from "./follow-top-ups.ts";
import { findAccount } from "./history/find-account.ts";
import { forgetPages } from "./history/history-store.ts";
import {
  LAST_WORDS_LIMIT_MS,
  nextPayment,
  PAY_INTERVAL_MS,
  payoutsOn,
  retryAfterMs,
  WAITING_MS,
} from "./model.ts";
import { pay, treasuryOf } from "./payment/pay.ts";
import type { PayingContext } from "./payment/token-accounts.ts";
import { createLane, sideBySide } from "./side-by-side.ts";
import { endStopped } from "./stopped-on-chain.ts";
import {
  openSettlement,
  payoutsOf,
  postpone,
  recordPayments,
  recordPayouts,
  recordSettled,
  type SettlementRecord,
} from "./store.ts";

/** Clusters worked on at once: one that waits for the chain holds up none of the others. */
const CLUSTERS_AT_ONCE = 8;

/**
 * Pays. Escrows of ended clusters are settled and closed, refused escrows returned in full, running clusters paid by the
 * hour. What the chain shows decides, never our own rows: whatever was cut short before, nothing is paid twice, since
 * the program pays the difference to what it has paid, and a closed escrow can't pay.
 */
export async function reconcileSettlement(ctx: ChainContext): Promise<void> {
  await followTopUps(ctx);
  const [ended, refused, running] = [
    await clustersToSettle(ctx),
    await escrowsToRefund(ctx),
    await runningClusters(ctx),
  ];
  const paying = { ...ctx, makeAccounts: createLane() };
  const work = [
    ...ended.map((cluster) => () => settleEnded(paying, cluster)),
    ...refused.map((escrow) => () => attempt(ctx, escrow, (record) => settle(paying, escrow, record))),
    ...(await runningEscrows(ctx, running)).map((escrows) => () => payEach(paying, escrows)),
  ];
  await sideBySide(CLUSTERS_AT_ONCE, work);
}

async function settleEnded(ctx: PayingContext, ended: ClusterWithLeases): Promise<void> {
  if (!(await hasToldAll(ctx, ended))) return;
  for (const escrow of await unsettledEscrows(ctx, ended.cluster.id)) {
    await attempt(ctx, escrow, (settlement) => settle(ctx, escrow, settlement));
  }
}

async function payEach(ctx: PayingContext, escrows: readonly EscrowRecord[]): Promise<void> {
  for (const escrow of escrows) {
    await attempt(ctx, escrow, (settlement) => payRunning(ctx, escrow, settlement));
  }
}

/** The escrows of each running cluster that has not been stopped on the chain. */
async function runningEscrows(
  ctx: ChainContext,
  running: readonly ClusterWithLeases[],
): Promise<EscrowRecord[][]> {
  const escrows: EscrowRecord[][] = [];
  for (const { cluster } of running) escrows.push(await escrowsOf(ctx, cluster.id));
  return endStopped(ctx, escrows);
}

/** An escrow that can't be settled now waits, and holds up no other. */
async function attempt(
  ctx: ChainContext,
  escrow: EscrowRecord,
  work: (settlement: SettlementRecord) => Promise<void>,
): Promise<void> {
  const settlement = await openSettlement(ctx.db, escrow, ctx.clock.now());
  if (settlement.retryAtMs > ctx.clock.now()) return;
  try {
    await work(settlement);
  } catch (error) {
    const attempts = settlement.attempts + 1;
    await postpone(ctx.db, escrow.address, attempts, ctx.clock.now() + retryAfterMs(settlement.attempts));
    ctx.log.error(
      { escrow: escrow.address, attempts, err: error },
      "settlement failed, it will be tried again",
    );
  }
}

/** Whether every agent has handed in its last statements, or has had its time to. */
async function hasToldAll(ctx: ChainContext, { leases }: ClusterWithLeases): Promise<boolean> {
  const sealed = await sealedLeases(
    ctx.db,
    leases.map((lease) => lease.id),
  );
  return leases.every(
    (lease) =>
      !lease.acknowledged ||
      sealed.has(lease.id) ||
      ctx.clock.now() - (lease.endedAtMs ?? 0) >= LAST_WORDS_LIMIT_MS,
  );
}

/** One step nearer to the end of an escrow; it is at its end when the chain has finally closed it. */
async function settle(ctx: PayingContext, escrow: EscrowRecord, settlement: SettlementRecord): Promise<void> {
  if ((await currentEscrow(ctx, escrow, "finalized")) === null) {
    return conclude(ctx, escrow, settlement);
  }
  const current = await currentEscrow(ctx, escrow, "confirmed");
  // Closed and not yet final: the next round will see it.
  if (current === null) return;
  await raiseDeposit(ctx.db, escrow.address, current.deposited);
  const reading = await finalReading(ctx, escrow, current.leases.length);
  // Closed, the escrow shows no more what engineer and supplier agreed on beyond the reading.
  if (current.leases.some((lease, index) => lease.seconds > (reading.seconds[index] ?? 0))) {
    await recordPayouts(ctx.db, escrow.address, payoutsOn(current, escrow.leases, null));
  }
  const next = nextPayment(current, reading);
  const firstTry = settlement.attempts === 0;
  const sent = next === null ? null : await pay(ctx, current, { kept: reading, next, firstTry });
  if (sent !== null) return ctx.wake("settlement");
  // Only wallets are left that can take nothing now. They may collect by themselves; we look again some time.
  await postpone(ctx.db, escrow.address, settlement.attempts, ctx.clock.now() + WAITING_MS);
  ctx.log.info({ escrow: escrow.address, waiting: current.remainder }, "what is owed waits to be collected");
}

const finalReading = (ctx: ChainContext, escrow: EscrowRecord, leases: number): Promise<KeptReading> =>
  escrow.state === "refused"
    ? signNothingDelivered(ctx, escrow, leases)
    : signedOf(ctx, escrow, { final: true });

async function signedOf(
  ctx: ChainContext,
  escrow: EscrowRecord,
  { final }: { final: boolean },
): Promise<KeptReading> {
  const reading = (await signReadings(ctx, escrow.clusterId, { final })).get(escrow.address);
  if (reading === undefined) throw new Error(`escrow ${escrow.address} is none of its cluster's`);
  return reading;
}

/**
 * The escrow is closed for good: what its transactions did is written down, and with the last of its escrows the cluster
 * is done.
 */
async function conclude(
  ctx: ChainContext,
  escrow: EscrowRecord,
  settlement: SettlementRecord,
): Promise<void> {
  const reading = await newestReading(ctx.db, escrow.address);
  const recorded = (await payoutsOf(ctx.db, escrow.address)).map((payout) => payout.seconds);
  const accepted = escrow.leases.map((_, index) =>
    Math.max(reading?.seconds[index] ?? 0, recorded[index] ?? 0),
  );
  const budgets = await budgetsOf(ctx, escrow);
  const terms = {
    ...escrow,
    treasury: await treasuryOf(ctx.chain),
    // Engineer and supplier may agree on more than we took over of a top-up, as far as it was paid for.
    leases: (escrow.state === "refused" ? [] : budgets).map((lease, index) => ({
      ...lease,
      maxSeconds: Math.max(lease.maxSeconds, accepted[index] ?? 0),
    })),
  };
  // Closed without our final reading (anybody may, a day after the last second), it paid what had been paid by the hour.
  const account = await findAccount(ctx, escrow, terms, [accepted, recorded]);
  // Others have sent many transactions: the next round reads on where this one has stopped.
  if (account === null) return ctx.wake("settlement");
  if (!account.proven) {
    ctx.log.warn({ escrow: escrow.address }, "the escrow's transactions moved other money besides");
  }
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
  ctx.log.info({ escrow: escrow.address, last: settlement.intendedSignature }, "escrow settled");
}

/** An escrow's leases with the budgets that top-ups have brought them. */
async function budgetsOf(ctx: ChainContext, { clusterId, leases }: EscrowRecord): Promise<QuotedLease[]> {
  const extended = new Map((await findCluster(ctx, clusterId))?.leases.map((lease) => [lease.id, lease]));
  return leases.map((lease) => ({
    ...lease,
    maxSeconds: extended.get(lease.leaseId)?.maxSeconds ?? lease.maxSeconds,
  }));
}

/** By the hour, suppliers get what they have earned while the cluster runs on. */
async function payRunning(
  ctx: PayingContext,
  escrow: EscrowRecord,
  settlement: SettlementRecord,
): Promise<void> {
  const nowMs = ctx.clock.now();
  if (nowMs - settlement.lastPaidAtMs < PAY_INTERVAL_MS) return;
  const current = await currentEscrow(ctx, escrow, "confirmed");
  if (current === null) throw new Error(`escrow ${escrow.address} is gone while its cluster runs`);
  const reading = await signedOf(ctx, escrow, { final: false });
  const next = nextPayment(current, reading);
  const sent = next === null ? null : await pay(ctx, current, { kept: reading, next, firstTry: true });
  const paid = (sent && (await currentEscrow(ctx, escrow, "confirmed", sent.slot))) ?? current;
  const payouts = payoutsOn(paid, escrow.leases, sent?.signature ?? null);
  await recordPayments(ctx.db, escrow.address, { payouts, fee: baseUnits(paid.fees) }, nowMs);
}
