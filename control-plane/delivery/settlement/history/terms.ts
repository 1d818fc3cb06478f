import type { LeaseId } from "@ionet/protocol";
import type { EscrowRecord } from "../../escrows/model.ts";
import type { SettledEscrow } from "./account.ts";

/** What is known of an escrow that is closed, besides its own row. Seconds by lease index. */
export type ClosedEscrowTerms = {
  /** What its newest reading says. */
  read: readonly number[];
  /** What its leases had been paid for when we last saw it open. */
  recorded: readonly number[];
  /** How long its leases might run, with what top-ups have brought. */
  budgets: ReadonlyMap<LeaseId, number>;
  treasury: string;
};

/** What a closed escrow's transactions are held against, and the seconds that it may have paid for, the likeliest first. */
export function termsOf(
  escrow: EscrowRecord,
  { read, recorded, budgets, treasury }: ClosedEscrowTerms,
): { terms: Omit<SettledEscrow, "seconds">; candidates: readonly (readonly number[])[] } {
  const accepted = escrow.leases.map((_, index) => Math.max(read[index] ?? 0, recorded[index] ?? 0));
  const leases = escrow.leases.map((lease, index) => ({
    ...lease,
    // Engineer and supplier may agree on more than we took over of a top-up, as far as it was paid for.
    maxSeconds: Math.max(budgets.get(lease.leaseId) ?? lease.maxSeconds, accepted[index] ?? 0),
  }));
  return {
    terms: { ...escrow, treasury, leases: escrow.state === "refused" ? [] : leases },
    // Closed without our final reading (anybody may, a day after the last second), it paid what had been paid by the hour.
    candidates: [accepted, recorded],
  };
}
