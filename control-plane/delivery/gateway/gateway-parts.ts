import type { ClusterId, LeaseId, NodeId } from "@ionet/protocol";
import { authenticateBearer } from "../../platform/accounts/authenticate.ts";
import type { Context, Log } from "../../platform/context.ts";
import type { VerifyNode } from "../../platform/http/server.ts";
import { desiredLeases } from "../clusters/desired-leases.ts";
import { clusterForGateway } from "../clusters/gateway-view.ts";
import type { Doorkeeper } from "./admit.ts";

/** What the gateway needs of the control plane. */
export type GatewayParts = Doorkeeper & {
  verifyNode: VerifyNode;
  /** The cluster whose head's lease this is, when this node is to run it; null otherwise. */
  clusterOfHead(nodeId: NodeId, leaseId: LeaseId): Promise<ClusterId | null>;
  log: Log;
  /** An upload is given up when nothing came for so long, in ms. */
  uploadIdleMs?: number;
};

/** The gateway's view of the earlier steps. */
export const gatewayParts = (ctx: Context, verifyNode: VerifyNode): GatewayParts => ({
  authenticate: (token) => authenticateBearer(ctx, token),
  findCluster: (clusterId) => clusterForGateway(ctx, clusterId),
  verifyNode,
  clusterOfHead: async (nodeId, leaseId) => {
    const leases = await desiredLeases(ctx, nodeId);
    const lease = leases.find((wanted) => wanted.leaseId === leaseId);
    return lease?.role === "head" && lease.wanted === "run" ? lease.clusterId : null;
  },
  log: ctx.log,
});
