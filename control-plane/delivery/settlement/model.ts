import type { EscrowState } from "@ionet/chain";
import { type BaseUnits, baseUnits, type LeaseId, payout, ratePerHour } from "@ionet/protocol";

/** How often a running cluster's suppliers are paid what they have earned so far. */
export const PAY_INTERVAL_MS = 3_600_000;
/** An agent that has ended its lease but has not told its last statements is waited for this long. */
export const LAST_WORDS_LIMIT_MS = 20_000;
/** Where only wallets are owed that can take nothing now, the escrow is looked at again after this long. */
export const WAITING_MS = 600_000;
const RETRY_LONGEST_MS = 60_000;

/** One lease's part of a settlement. Amounts in base units of the escrow's mint. */
export type PlannedPayout = {
  leaseIndex: number;
  leaseId: LeaseId;
  supplier: string;
  seconds: number;
  paid: BaseUnits;
  fee: BaseUnits;
  /** The transaction that paid it last; null when nothing was paid. */
  signature: string | null;
};

/** How long to wait after the n-th failure: doubling, at most a minute. */
export const retryAfterMs = (attempts: number): number => Math.min(1000 * 2 ** attempts, RETRY_LONGEST_MS);

/** What is left to do about an escrow. */
export type NextPayment = {
  /** Apply the reading: it ends the escrow, or somebody is still owed. */
  settle: boolean;
  /** Positions of the leases that get something, as far as their accounts can take it. */
  payLeases: number[];
  close: boolean;
};

/**
 * What is left to do about an escrow as the chain has it, given a reading's seconds by lease index. Null when
 * there is nothing to do.
 */
export function nextPayment(
  escrow: Pick<EscrowState, "status" | "feeBps" | "fees" | "feesEarned" | "leases">,
  reading: { seconds: readonly number[]; final: boolean },
): NextPayment | null {
  const payLeases = escrow.leases.flatMap((lease, index) => {
    // After a final reading nothing rises any more; what was accepted before and not sent is still owed.
    const said = reading.seconds[index] ?? 0;
    // Engineer and supplier have agreed on more than the meter read: no reading pays that, the supplier collects it.
    if (said < lease.seconds) return [];
    const read = escrow.status !== "final" ? said : lease.seconds;
    const earned = payout(ratePerHour(lease.ratePerHour), read, escrow.feeBps);
    return earned.net > lease.paid ? [index] : [];
  });
  const owed = payLeases.length > 0 || escrow.feesEarned > escrow.fees;
  const ends = reading.final && escrow.status !== "final";
  if (!owed && !ends && !reading.final) return null;
  return { settle: owed || ends, payLeases, close: reading.final };
}

/** Whether engineer and supplier have agreed on more of some lease than the meter read. */
export const agreedBeyond = (
  escrow: { leases: readonly Pick<EscrowState["leases"][number], "seconds">[] },
  reading: { seconds: readonly number[] },
): boolean => escrow.leases.some((lease, index) => lease.seconds > (reading.seconds[index] ?? 0));

/** What a reading leaves to pay: to leases by their position, to the treasury, and what goes back to the engineer. */
export type Owed = { leases: Map<number, bigint>; fee: bigint; refund: bigint };

/** What would be paid if every account could take it. Base units. */
export function owedBy(
  escrow: Pick<EscrowState, "status" | "feeBps" | "fees" | "remainder" | "leases">,
  reading: { seconds: readonly number[] },
): Owed {
  const earned = escrow.leases.map((lease, index) => {
    const read = escrow.status !== "final" ? (reading.seconds[index] ?? 0) : lease.seconds;
    return payout(ratePerHour(lease.ratePerHour), Math.max(read, lease.seconds), escrow.feeBps);
  });
  const leases = new Map(
    escrow.leases.map((lease, index) => [index, (earned[index]?.net ?? 0n) - lease.paid]),
  );
  const fee = earned.reduce((total, each) => total + each.fee, 0n) - escrow.fees;
  const owed = [...leases.values()].reduce((total, amount) => total + amount, fee);
  return { leases, fee, refund: escrow.remainder - owed };
}

/** Whether a final escrow holds nothing but what is owed: the program refuses to close it until that is collected. */
export const holdsOnlyOwed = (
  escrow: Pick<EscrowState, "status" | "feeBps" | "fees" | "remainder" | "leases">,
): boolean =>
  escrow.status === "final" && escrow.remainder > 0n && owedBy(escrow, { seconds: [] }).refund === 0n;

/**
 * What of it the next transaction does. The program refuses to close an escrow whose refund can't be taken, and whatever
 * is in the same transaction with it: so the engineer's account is trusted at the first try only, and at every later one
 * suppliers and fee are paid alone before the escrow is closed. A final escrow is settled again only for somebody who can
 * be paid.
 */
export function thisTransaction(
  next: NextPayment,
  escrow: Pick<EscrowState, "status" | "fees" | "feesEarned">,
  seen: {
    /** Those of `next.payLeases` whose accounts take transfers now. */
    payLeases: readonly number[];
    treasuryPayable: boolean;
    engineerPayable: boolean;
    /** No try for this escrow has failed yet. */
    firstTry: boolean;
  },
): { settle: boolean; close: boolean } {
  const fee = escrow.feesEarned > escrow.fees && seen.treasuryPayable;
  const settle = next.settle && (escrow.status !== "final" || seen.payLeases.length > 0 || fee);
  const close = next.close && (!settle || (seen.firstTry && seen.engineerPayable));
  return { settle, close };
}

/** A lease as it stood in the escrow's table. */
export type PaidLease = { leaseId: LeaseId; supplier: string; ratePerHour: bigint; maxSeconds: number };

/** What each lease's seconds come to, when at most `elapsed` of them count. */
export function payoutsFor(
  leases: readonly PaidLease[],
  seconds: readonly number[],
  feeBps: number,
  limit: { elapsed: number; minimumSeconds: number },
): Omit<PlannedPayout, "signature">[] {
  return leases.map((lease, leaseIndex) => {
    const most = Math.min(Math.max(limit.elapsed, limit.minimumSeconds), lease.maxSeconds);
    const counted = Math.min(seconds[leaseIndex] ?? 0, most);
    const { net, fee } = payout(ratePerHour(lease.ratePerHour), counted, feeBps);
    return {
      leaseIndex,
      leaseId: lease.leaseId,
      supplier: lease.supplier,
      seconds: counted,
      paid: net,
      fee,
    };
  });
}

/** What the leases have been paid so far, as the chain has them; `signature` paid them last. */
export const payoutsOn = (
  { leases }: Pick<EscrowState, "leases">,
  agreed: readonly Pick<PaidLease, "leaseId">[],
  signature: string | null,
): PlannedPayout[] =>
  leases.flatMap(({ supplier, seconds, paid, fee }, leaseIndex) => {
    const leaseId = agreed[leaseIndex]?.leaseId;
    if (leaseId === undefined) return [];
    const amounts = { paid: baseUnits(paid), fee: baseUnits(fee) };
    return [{ leaseIndex, leaseId, supplier, seconds, ...amounts, signature: paid > 0n ? signature : null }];
  });

/** The sum of what each wallet is paid, for leases of one supplier come in together on the chain. */
export function bySupplier(payouts: readonly Omit<PlannedPayout, "signature">[]): Map<string, BaseUnits> {
  const sums = new Map<string, BaseUnits>();
  for (const { supplier, paid } of payouts) {
    sums.set(supplier, baseUnits((sums.get(supplier) ?? 0n) + paid));
  }
  return sums;
}
