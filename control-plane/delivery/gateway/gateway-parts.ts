import { authenticateBearer } from "../../platform/accounts/authenticate.ts";
import type { Context } from "../../platform/context.ts";
import type { VerifyNode } from "../../platform/http/server.ts";
import { desiredLeases } from "../clusters/desired-leases.ts";
import { clusterForGateway } from "../clusters/gateway-view.ts";
import type { GatewayParts } from "./attach-gateway.ts";

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
