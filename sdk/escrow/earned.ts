import { deliverableSeconds, type EscrowState, owedTo } from "@ionet/chain";
import { payout, type Reading, ratePerHour } from "@ionet/protocol";

/** What applying a reading would change. Base units. */
export type Earned = {
  /** It raises a lease's seconds, or ends an escrow that is not final yet. */
  adds: boolean;
  /** What the wallet is owed afterwards, with what waited before. */
  owed: bigint;
};

/**
 * What the escrow program would book for a reading at `now` (Unix seconds of the chain), and what a supplier's wallet is
 * then owed: per lease the larger of the seconds on chain and those of the reading, never above elapsed time and budget.
 */
export function earnedBy(escrow: EscrowState, reading: Reading, supplier: string, now: number): Earned {
  if (escrow.status === "final") return { adds: false, owed: owedTo(escrow, supplier) };
  const read = new Map(reading.leases.map(({ index, seconds }) => [index, seconds]));
  let adds = reading.final;
  let owed = 0n;
  for (const [index, lease] of escrow.leases.entries()) {
    const most = deliverableSeconds(lease, escrow.minimumSeconds, now);
    const seconds = Math.max(lease.seconds, Math.min(read.get(index) ?? 0, most));
    if (seconds > lease.seconds) adds = true;
    if (lease.supplier !== supplier) continue;
    owed += payout(ratePerHour(lease.ratePerHour), seconds, escrow.feeBps).net - lease.paid;
  }
  return { adds, owed };
}
