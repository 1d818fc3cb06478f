import type { Context } from "../../platform/context.ts";
import { type ClusterWithLeases, isEnding, isRunning } from "./model.ts";
import { aliveClusters } from "./store.ts";

/** What the steps after this one work on. */

/** Clusters with a lease that has joined and may still deliver or still tell what it delivered. */
export async function leasesToMeter(ctx: Pick<Context, "db">): Promise<ClusterWithLeases[]> {
  const alive = await aliveClusters(ctx);
  return alive.filter(({ leases }) => leases.some((lease) => lease.joinedAtMs !== null));
}

/** Clusters that have come to their end, whichever way, with every lease ended: their last reading can be made. */
export async function clustersToSettle(ctx: Pick<Context, "db">): Promise<ClusterWithLeases[]> {
  const alive = await aliveClusters(ctx);
  return alive.filter(
    ({ cluster, leases }) => isEnding(cluster.state) && leases.every((lease) => lease.phase === "ended"),
  );
}

/** Clusters that serve and bill their engineers now. */
export async function runningClusters(ctx: Pick<Context, "db">): Promise<ClusterWithLeases[]> {
  return (await aliveClusters(ctx)).filter(({ cluster }) => isRunning(cluster.state));
}
