import type { Context } from "../../platform/context.ts";
import type { Handlers } from "../../platform/http/handlers.ts";
import { listClusters } from "./list-clusters.ts";
import { listLeases, reclaimLease } from "./reclaim.ts";
import { ownCluster, stopCluster } from "./stop-cluster.ts";
import { clusterView } from "./view.ts";

/**
 * The engineer's calls on clusters, and the suppliers' on their leases. `publicUrl` is where the gateway is reached, without
 * a slash at the end.
 */
export function clusterRoutes(
  ctx: Context,
  { publicUrl }: { publicUrl: string },
): Handlers<"listClusters" | "getCluster" | "stopCluster" | "listLeases" | "reclaimLease"> {
  return {
    listClusters: ({ query }, caller) => listClusters(ctx, publicUrl, caller.accountId, query),
    getCluster: async ({ params }, caller) =>
      clusterView(ctx, publicUrl, await ownCluster(ctx, caller.accountId, params.clusterId)),
    stopCluster: async ({ params }, caller) =>
      clusterView(ctx, publicUrl, await stopCluster(ctx, caller, params.clusterId)),
    listLeases: ({ query }, caller) => listLeases(ctx, caller, query),
    reclaimLease: ({ params }, caller) => reclaimLease(ctx, caller, params.leaseId),
  };
}
