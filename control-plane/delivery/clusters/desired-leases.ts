import type { DesiredLease, EndReason, NodeId } from "@ionet/protocol";
import type { Context } from "../../platform/context.ts";
import { nodesByIds } from "../../supply/nodes/store.ts";
import type { LeaseRecord } from "./model.ts";
import { findCluster, leasesOfNode } from "./store.ts";

/** What is wanted of a node, but for the statements that metering waits for. */
export type WantedLease = Omit<DesiredLease, "statementsReceived">;

/** The leases a node is to hold or to end; a lease disappears when its agent has said that it ended. */
export async function desiredLeases(ctx: Context, nodeId: NodeId): Promise<WantedLease[]> {
  const wanted: WantedLease[] = [];
  for (const lease of await leasesOfNode(ctx, nodeId)) {
    const found = await findCluster(ctx, lease.clusterId);
    if (found === null) continue;
    const nodes = await nodesByIds(ctx, [...new Set(found.leases.map((peer) => peer.nodeId))]);
    const addressOf = (peer: LeaseRecord) =>
      nodes.find((node) => node.id === peer.nodeId)?.readiness?.address ?? null;
    const head = found.leases.find((peer) => peer.role === "head");
    const headAddress = head ? addressOf(head) : null;
    // Without the head's address nobody can join it: the lease waits until the head's node has told it.
    if (headAddress === null && stopReasonOf(lease) === null) continue;
    wanted.push({
      leaseId: lease.id,
      clusterId: lease.clusterId,
      role: lease.role,
      wanted: stopReasonOf(lease) === null ? "run" : "stop",
      stopReason: stopReasonOf(lease),
      gpus: lease.agreed.gpus,
      headAddress: headAddress ?? "",
      peers: found.leases.flatMap((peer) => {
        const address = addressOf(peer);
        return address === null ? [] : [{ leaseId: peer.id, address }];
      }),
      rayToken: found.cluster.rayToken,
      maxSeconds: lease.maxSeconds,
    });
  }
  return wanted;
}

/**
 * Why an agent is to stop a lease: it was asked to, or the lease was ended without it. Agents of before know of no
 * reclaiming and would refuse the word; what a lease ended for is read from our own row, not from theirs.
 */
function stopReasonOf(lease: LeaseRecord): EndReason | null {
  const reason = lease.phase === "ended" ? lease.reason : lease.stopReason;
  return reason === "reclaimed-by-supplier" ? "supplier-withdrew" : reason;
}
