import type { EscrowState } from "@ionet/chain";
import { baseUnits } from "@ionet/protocol";
import type { ChainContext } from "../../platform/context.ts";
import type { EscrowRecord } from "../escrows/model.ts";
import { raiseDeposit } from "../escrows/store.ts";
import { type KeptReading, signNothingDelivered, signReadings } from "../metering/sign-reading.ts";
import { conclude } from "./conclude.ts";
import { currentEscrow } from "./current-escrow.ts";
import { decideEscrow, type EscrowOnChain, type EscrowStep, isDue, type Purpose } from "./decide.ts";
import { agreedBeyond, nextPayment, payoutsOn, retryAfterMs, WAITING_MS } from "./model.ts";
import { pay } from "./payment/pay.ts";
import type { PayingContext } from "./payment/token-accounts.ts";
import { openSettlement, postpone, recordPayments, recordPayouts, type SettlementRecord } from "./store.ts";

/** Carries one escrow on when it is its turn. One that can't be settled now waits, and holds up no other. */
export async function settleEscrow(
  ctx: PayingContext,
  escrow: EscrowRecord,
  purpose: Purpose,
): Promise<void> {
  const settlement = await openSettlement(ctx.db, escrow, ctx.clock.now());
  if (!isDue(settlement, purpose, ctx.clock.now())) return;
  try {
    const seen = await look(ctx, escrow, purpose);
    await apply(ctx, escrow, settlement, decideEscrow(seen, purpose));
  } catch (error) {
    const attempts = settlement.attempts + 1;
    await postpone(ctx.db, escrow.address, attempts, ctx.clock.now() + retryAfterMs(settlement.attempts));
    ctx.log.error(
      { escrow: escrow.address, attempts, err: error },
      "settlement failed, it will be tried again",
    );
  }
}

/** The escrow as it is now: other payments of the round may have taken their time. */
async function look(ctx: ChainContext, escrow: EscrowRecord, purpose: Purpose): Promise<EscrowOnChain> {
  if (purpose === "end" && (await currentEscrow(ctx, escrow, "finalized")) === null) return { is: "closed" };
  const current = await currentEscrow(ctx, escrow, "confirmed");
  return current === null ? { is: "closing" } : { is: "open", current };
}

async function apply(
  ctx: PayingContext,
  escrow: EscrowRecord,
  settlement: SettlementRecord,
  step: EscrowStep,
): Promise<void> {
  switch (step.do) {
    case "wait":
      return;
    case "fail":
      throw new Error(`escrow ${escrow.address} is ${step.because}`);
    case "pay":
      return payByTheHour(ctx, escrow, step.current);
    case "end":
      return end(ctx, escrow, settlement, step.current);
    case "conclude":
      return conclude(ctx, escrow, settlement);
  }
}

/** Suppliers get what they have earned while the cluster runs on. */
async function payByTheHour(ctx: PayingContext, escrow: EscrowRecord, current: EscrowState): Promise<void> {
  const nowMs = ctx.clock.now();
  const reading = await signedOf(ctx, escrow, { final: false });
  const next = nextPayment(current, reading);
  const sent = next === null ? null : await pay(ctx, current, { kept: reading, next, firstTry: true });
  const paid = (sent && (await currentEscrow(ctx, escrow, "confirmed", sent.slot))) ?? current;
  const payouts = payoutsOn(paid, escrow.leases, sent?.signature ?? null);
  await recordPayments(ctx.db, escrow.address, { payouts, fee: baseUnits(paid.fees) }, nowMs);
}

/** Everybody gets what is still theirs, and the escrow is closed. */
async function end(
  ctx: PayingContext,
  escrow: EscrowRecord,
  settlement: SettlementRecord,
  current: EscrowState,
): Promise<void> {
  await raiseDeposit(ctx.db, escrow.address, current.deposited);
  const reading = await finalReading(ctx, escrow, current.leases.length);
  // ClosedEscrow, the escrow shows no more what engineer and supplier agreed on beyond the reading.
  if (agreedBeyond(current, reading)) {
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
