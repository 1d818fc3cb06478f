import { payout, ratePerHour } from "@ionet/protocol";
import type { EscrowLease, EscrowState } from "./escrow-state.ts";

/* What the escrow program computes of its own account, for those who ask before they send. Times in Unix seconds. */

/** Earned and not sent yet: it waits for the supplier, whatever the engineer does. Base units. */
export const owedToLease = ({ gross, fee, paid }: EscrowLease): bigint => gross - fee - paid;

/** What all leases of a wallet are owed and did not get. Base units. */
export const owedTo = ({ leases }: EscrowState, supplier: string): bigint =>
  leases.reduce((sum, lease) => (lease.supplier === supplier ? sum + owedToLease(lease) : sum), 0n);

/** Owed to suppliers and treasury. Base units. */
export const owedInAll = ({ leases, fees, feesEarned }: EscrowState): bigint =>
  leases.reduce((sum, lease) => sum + owedToLease(lease), feesEarned - fees);

/** The most seconds that a lease can have delivered by `now`. */
export function deliverableSeconds(lease: EscrowLease, minimumSeconds: number, now: number): number {
  const elapsed = Math.max((lease.endedAt ?? now) - lease.startedAt, minimumSeconds);
  return Math.min(elapsed, lease.maxSeconds);
}

/** The last second for which anything can be earned. */
export function lastSecond({ startedAt, maxSeconds, endedAt }: EscrowLease): number {
  const budgeted = startedAt + maxSeconds;
  return endedAt === null ? budgeted : Math.min(budgeted, endedAt);
}

/** From when on anybody may have the rest returned without a final reading. */
export const releasedAt = ({ leases, releaseAfterSeconds }: EscrowState): number =>
  Math.max(...leases.map((lease) => lastSecond(lease) + releaseAfterSeconds));

/** What returns to the engineer when the escrow is closed and nothing more is read. Base units. */
export const refundAtClose = (escrow: EscrowState): bigint => escrow.remainder - owedInAll(escrow);

/** What stays to be earned at most: the budgets of running leases, of ended ones what they can have delivered. */
export function stillToEarn(escrow: EscrowState): bigint {
  if (escrow.status === "final") return 0n;
  const most = escrow.leases.reduce((sum, lease) => {
    const ended =
      lease.endedAt === null ? null : deliverableSeconds(lease, escrow.minimumSeconds, lease.endedAt);
    const budget = (lease.ratePerHour * BigInt(lease.maxSeconds) + 3_599n) / 3_600n;
    if (ended === null) return sum + budget;
    return sum + payout(ratePerHour(lease.ratePerHour), Math.max(ended, lease.seconds), 0).gross;
  }, 0n);
  return most - escrow.leases.reduce((sum, lease) => sum + lease.gross, 0n);
}
