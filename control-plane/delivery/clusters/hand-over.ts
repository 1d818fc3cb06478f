import type { Context } from "../../platform/context.ts";
import { type ClusterWithLeases, isEnding } from "./model.ts";
import { aliveClusters } from "./store.ts";

/** What the steps after this one work on. */

/** Clusters with a lease that has joined and may still deliver or still tell what it delivered. */
export async function leasesToMeter(ctx: Pick<Context, "db">): Promise<ClusterWithLeases[]> {
  const alive = await aliveClusters(ctx);
  return alive.filter(({ leases }) => leases.some((lease) => lease.joinedAtMs !== null));
}

/** Whether a cluster has come to its end, whichever way, with every lease ended: its last reading can be made. */
export const allEnded = ({ cluster, leases }: ClusterWithLeases): boolean =>
  isEnding(cluster.state) && leases.every((lease) => lease.phase === "ended");
