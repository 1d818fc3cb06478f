import type { EscrowLease } from "@ionet/chain";
import type { Budget } from "../clusters/extend-leases.ts";
import type { LeaseRecord } from "../clusters/model.ts";

/** What a lease's row can hold, 68 years: on the chain a top-up may bring twice as much. Seconds. */
const LONGEST_SECONDS = 2 ** 31 - 1;

type BoundLease = Pick<LeaseRecord, "escrow" | "escrowIndex" | "maxSeconds"> & {
  agreed: Pick<LeaseRecord["agreed"], "latestSeconds">;
};

/**
 * Which leases may run for longer than we know, by escrows as the chain has them: never for longer than their suppliers'
 * terms allowed when they were quoted. What was paid for beyond stays in the escrow and returns when it is closed.
 */
export function longerBudgets(
  leases: readonly BoundLease[],
  escrows: ReadonlyMap<string, { leases: readonly Pick<EscrowLease, "maxSeconds">[] }>,
): Budget[] {
  return leases.flatMap(({ escrow, escrowIndex, maxSeconds: known, agreed }) => {
    const onChain = Math.min(escrows.get(escrow)?.leases[escrowIndex]?.maxSeconds ?? 0, LONGEST_SECONDS);
    if (onChain <= known) return [];
    const maxSeconds = Math.max(known, Math.min(onChain, agreed.latestSeconds ?? LONGEST_SECONDS));
    return [{ escrow, escrowIndex, maxSeconds, beyondSeconds: onChain - maxSeconds }];
  });
}
