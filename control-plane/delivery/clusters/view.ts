import type { Cluster, Lease, SupplierLease } from "@ionet/protocol";
import type { Context } from "../../platform/context.ts";
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
    currency: cluster.currency,
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
  ...(agreed.latestSeconds === undefined ? {} : { latestSeconds: agreed.latestSeconds }),
  phase: lease.phase,
  reason: lease.reason,
  deliveredSeconds: lease.deliveredSeconds,
  billedSeconds: lease.billedSeconds,
  interruptible: agreed.interruptible === true,
  reclaimAt: lease.reclaimAtMs === null ? null : isoTime(lease.reclaimAtMs),
});

/** A lease as the supplier of its node sees it: nothing of whose it is. */
export function supplierLeaseView(lease: LeaseRecord): SupplierLease {
  const { id, nodeId, gpuModel, gpus, simulated, ratePerHour, ...rest } = leaseView(lease);
  const { maxSeconds, phase, deliveredSeconds, billedSeconds, interruptible, reclaimAt } = rest;
  const what = { id, nodeId, gpuModel, gpus, simulated, ratePerHour, maxSeconds };
  return { ...what, phase, deliveredSeconds, billedSeconds, interruptible, reclaimAt };
}
