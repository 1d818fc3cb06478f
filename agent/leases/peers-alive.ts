import type { DesiredLease, LeaseId } from "@ionet/protocol";
import type { RayNodeSign } from "../ray/ray-dashboard.ts";

/**
 * The head's word: which leases of its cluster have a living Ray node, its own among them. Ray keeps dead nodes in its
 * list, so an address counts as alive when any node there is.
 */
export function peersAlive(
  lease: Pick<DesiredLease, "leaseId" | "peers" | "headAddress">,
  signs: readonly RayNodeSign[],
): LeaseId[] {
  const living = new Set(signs.filter((sign) => sign.alive).map((sign) => sign.address));
  const leaseOf = new Map(lease.peers.map((peer) => [peer.leaseId, peer.address]));
  leaseOf.set(lease.leaseId, lease.headAddress);
  return [...leaseOf]
    .filter(([, address]) => living.has(address))
    .map(([leaseId]) => leaseId)
    .sort();
}
