import type { DesiredLease, LeaseId } from "@ionet/protocol";
import type { RayNodeSign } from "../ray/ray-dashboard.ts";

/**
 * The head's word: which leases of its cluster have a living Ray node, its own among them. A Ray node tells its lease by
 * its label: an address is what a node says of itself, and a node that runs nothing may say another's. Ray keeps dead
 * nodes in its list, so a lease is alive when any node of it is.
 */
export function peersAlive(
  lease: Pick<DesiredLease, "leaseId" | "peers">,
  signs: readonly RayNodeSign[],
): LeaseId[] {
  const living = new Set(signs.filter((sign) => sign.alive).map((sign) => sign.leaseId));
  const known = new Set([lease.leaseId, ...lease.peers.map((peer) => peer.leaseId)]);
  return [...known].filter((leaseId) => living.has(leaseId)).sort();
}
