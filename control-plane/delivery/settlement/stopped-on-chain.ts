import type { EscrowLease, EscrowState } from "@ionet/chain";
import type { EscrowRecord } from "../escrows/model.ts";

type Ending = Pick<EscrowLease, "endedAt" | "replaced">;

/**
 * Whether an escrow goes on paying for all its leases, or for those that stand in for them. An engineer may stop it, or end
 * a lease, on the chain itself: nothing is paid after that, so nobody works on.
 */
export function isPaying(
  escrow: Pick<EscrowRecord, "openedSlot">,
  state: (Pick<EscrowState, "openedSlot" | "status"> & { leases: readonly Ending[] }) | undefined,
): boolean {
  if (state?.openedSlot !== escrow.openedSlot || state.status !== "open") return false;
  return state.leases.every((lease) => lease.endedAt === null || lease.replaced === true);
}
