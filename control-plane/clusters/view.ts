import type { Cluster, Lease } from "@ionet/protocol";
import type { Context } from "../context.ts";
import type { ClusterWithLeases, LeaseRecord } from "./model.ts";
import { eventsOf } from "./store.ts";

const isoTime = (ms: number) => new Date(ms).toISOString();

/** A cluster as its engineer sees it. */
export async function clusterView(
  ctx: Pick<Context, "db">,
  publicUrl: string,
  { cluster, leases }: ClusterWithLeases,
): Promise<Cluster> {
  return {
    id: cluster.id,
    state: cluster.state,
    reason: cluster.reason,
    escrows: [...new Set(leases.map((lease) => lease.escrow))],
    leases: leases.map(leaseView),
    jobsAddress: `${publicUrl}/clusters/${cluster.id}`,
    createdAt: isoTime(cluster.createdAtMs),
    readyAt: cluster.readyAtMs === null ? null : isoTime(cluster.readyAtMs),
    events: await eventsOf(ctx, cluster.id),
  };
}

const leaseView = ({ agreed, ...lease }: LeaseRecord): Lease => ({
  id: lease.id,
  index: lease.index,
  escrow: lease.escrow,
  escrowIndex: lease.escrowIndex,
  nodeId: lease.nodeId,
  role: lease.role,
  supplier: agreed.supplier,
  supplierKind: agreed.supplierKind,
  country: agreed.country,
  gpuModel: agreed.gpuModel,
  gpus: agreed.gpus,
  simulated: agreed.simulated,
  ratePerHour: agreed.ratePerHour,
  maxSeconds: lease.maxSeconds,
  phase: lease.phase,
  reason: lease.reason,
  deliveredSeconds: lease.deliveredSeconds,
});
