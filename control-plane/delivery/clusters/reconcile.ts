import type { NodeId } from "@ionet/protocol";
import type { Context, Db } from "../../platform/context.ts";
import { nodesByIds } from "../../supply/nodes/store.ts";
import { askStop, endLease, moveCluster, warn } from "./change.ts";
import { decideCluster, type Seen, type Step } from "./decide.ts";
import { BREAK_MS, type ClusterWithLeases } from "./model.ts";
import { startClusters } from "./start-clusters.ts";
import { aliveClusters, lockCluster, watchingSince } from "./store.ts";

/** A lease ends, then its cluster moves, then the others are told: more rounds than that nothing needs. */
const MAX_ROUNDS = 4;

/** Starts clusters whose escrow is there, and carries every living one on. */
export async function reconcileClusters(ctx: Context): Promise<void> {
  const nowMs = ctx.clock.now();
  const watchingSinceMs = await watchingSince(ctx.db, nowMs, BREAK_MS);
  await startClusters(ctx);
  const alive = await aliveClusters(ctx);
  const nodeIds = new Set(alive.flatMap(({ leases }) => leases.map((lease) => lease.nodeId)));
  const nodes = await nodesByIds(ctx, [...nodeIds]);
  const lastSeenAtMs = new Map<NodeId, number>(nodes.map((node) => [node.id, node.lastSeenAtMs ?? 0]));
  const addresses = new Map<NodeId, string>();
  for (const { id, readiness } of nodes) if (readiness?.address) addresses.set(id, readiness.address);
  const seen = { nowMs, watchingSinceMs, lastSeenAtMs, addresses };
  for (const found of alive) await carryOn(ctx, found, seen);
}

async function carryOn(ctx: Context, found: ClusterWithLeases, seen: Seen): Promise<void> {
  if (decideCluster(found, seen).length === 0) return;
  const changed = await ctx.db.transaction().execute(async (db) => {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const locked = await lockCluster(db, found.cluster.id);
      if (locked === null) return round > 0;
      const steps = decideCluster(locked, seen);
      if (steps.length === 0) return round > 0;
      await applySteps(db, locked, steps, seen.nowMs);
    }
    return true;
  });
  if (!changed) return;
  for (const lease of found.leases) ctx.nodeChanged(lease.nodeId);
  ctx.wake("settlement");
}

/** Writes what was decided on a cluster that this transaction has locked. */
export async function applySteps(
  db: Db,
  { cluster, leases }: ClusterWithLeases,
  steps: readonly Step[],
  nowMs: number,
): Promise<void> {
  const lease = (id: string) => leases.find((candidate) => candidate.id === id);
  for (const step of steps) {
    if (step.do === "move") {
      await moveCluster(db, cluster, step.to, step.reason, nowMs);
      continue;
    }
    if (step.do === "warn") {
      await warn(db, cluster, step, nowMs);
      continue;
    }
    const target = lease(step.leaseId);
    if (target === undefined) throw new Error(`cluster ${cluster.id} has no lease ${step.leaseId}`);
    if (step.do === "ask-stop") await askStop(db, target, step.reason, nowMs);
    else {
      await endLease(db, target, { reason: step.reason, detail: null, acknowledged: false }, nowMs);
    }
  }
}
