import {
  leaseBudget,
  leasesOfEscrow,
  MAX_ESCROWS_OF_CLUSTER,
  problem,
  type QuotedLease,
  sum,
} from "@ionet/protocol";
import type { EscrowPlan } from "./model.ts";

/**
 * Cuts a quote's leases, in their order, into the tables of as many escrows as they need: each full but the last, each
 * funded with what its own leases can cost. Throws `invalid-request` when those would be too many escrows.
 */
export function planEscrows(
  leases: readonly QuotedLease[],
  leasesPerEscrow: number,
): Omit<EscrowPlan, "address" | "number">[] {
  const count = Math.ceil(leases.length / leasesPerEscrow);
  if (count > MAX_ESCROWS_OF_CLUSTER) {
    throw problem("invalid-request", {
      detail: `${leases.length} leases would need ${count} escrows, more than can be opened while they are held`,
      field: "leasesPerEscrow",
      given: String(leasesPerEscrow),
      allowed: `at least ${Math.ceil(leases.length / MAX_ESCROWS_OF_CLUSTER)} for ${leases.length} leases`,
      next: "Ask for more leases an escrow, or quote fewer nodes.",
    });
  }
  return Array.from({ length: count }, (_, position) => {
    const firstLease = position * leasesPerEscrow;
    const part = { firstLease, leaseCount: Math.min(leasesPerEscrow, leases.length - firstLease) };
    const budgets = leasesOfEscrow(leases, part).map((lease) =>
      leaseBudget(lease.ratePerHour, lease.maxSeconds),
    );
    return { ...part, deposit: sum(budgets) };
  });
}
