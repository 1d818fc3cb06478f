import type { AccountId, ClusterId, ClusterState, EndReason, NodeId } from "@ionet/protocol";
import type { Context } from "../../platform/context.ts";
import { findCluster } from "./store.ts";

/** What the gateway has to know of a cluster before it lets a job through. `rayToken` is a secret. */
export type GatewayCluster = {
  accountId: AccountId;
  state: ClusterState;
  /** Why it runs no more. */
  reason: EndReason | null;
  headNodeId: NodeId;
  rayToken: string;
};

/** Null when there is no such cluster. */
export async function clusterForGateway(
  ctx: Pick<Context, "db">,
  clusterId: ClusterId,
): Promise<GatewayCluster | null> {
  const found = await findCluster(ctx, clusterId);
  const head = found?.leases.find((lease) => lease.role === "head");
  if (!found || !head) return null;
  const { accountId, state, reason, rayToken } = found.cluster;
  return { accountId, state, reason, headNodeId: head.nodeId, rayToken };
}
