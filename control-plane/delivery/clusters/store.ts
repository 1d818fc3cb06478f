import type { ClusterEvent, ClusterId, LeaseId, NodeId } from "@ionet/protocol";
import type { Db } from "../../platform/context.ts";
import { anyOf } from "../../platform/database/any-of.ts";
import { comesAfter, type ListPosition } from "../../platform/http/newest-first.ts";
import { nodeIdsOf } from "../../supply/nodes/store.ts";
import type { ClusterRecord, ClusterWithLeases, LeaseRecord } from "./model.ts";
import { clusterFromRow, eventFromRow, leaseFromRow, tables } from "./tables.ts";

/** A cluster with its leases in their order; null when there is none of this id. */
export async function findCluster(ctx: { db: Db }, id: ClusterId): Promise<ClusterWithLeases | null> {
  const row = await tables(ctx.db).selectFrom("clusters").selectAll().where("id", "=", id).executeTakeFirst();
  if (!row) return null;
  return { cluster: clusterFromRow(row), leases: await leasesOf(ctx.db, [id]) };
}

/** As findCluster, and nobody else writes the cluster before this transaction ends. */
export async function lockCluster(db: Db, id: ClusterId): Promise<ClusterWithLeases | null> {
  await tables(db).selectFrom("clusters").select("id").where("id", "=", id).forUpdate().executeTakeFirst();
  return findCluster({ db }, id);
}

/** A lease alone, without its cluster's others, which may be many; nobody else writes the cluster meanwhile. */
export async function lockLease(
  db: Db,
  { id, clusterId }: Pick<LeaseRecord, "id" | "clusterId">,
): Promise<LeaseRecord | undefined> {
  await tables(db)
    .selectFrom("clusters")
    .select("id")
    .where("id", "=", clusterId)
    .forUpdate()
    .executeTakeFirst();
  return (await leasesByIds({ db }, [id]))[0];
}

/** The leases of these clusters, in their order. */
async function leasesOf(db: Db, clusterIds: readonly ClusterId[]): Promise<LeaseRecord[]> {
  if (clusterIds.length === 0) return [];
  const rows = await tables(db)
    .selectFrom("leases")
    .selectAll()
    .where(anyOf("cluster_id", clusterIds))
    .orderBy("cluster_id")
    .orderBy("index")
    .execute();
  return rows.map(leaseFromRow);
}

async function withLeases(db: Db, clusters: readonly ClusterRecord[]): Promise<ClusterWithLeases[]> {
  const leases = await leasesOf(
    db,
    clusters.map((cluster) => cluster.id),
  );
  return clusters.map((cluster) => ({
    cluster,
    leases: leases.filter((lease) => lease.clusterId === cluster.id),
  }));
}

/** Every cluster that is not settled yet. */
export async function aliveClusters(ctx: { db: Db }): Promise<ClusterWithLeases[]> {
  const rows = await tables(ctx.db)
    .selectFrom("clusters")
    .selectAll()
    .where("closed_at_ms", "is", null)
    .orderBy("created_at_ms")
    .orderBy("id")
    .execute();
  return withLeases(ctx.db, rows.map(clusterFromRow));
}

/** An account's clusters, newest first, after the one of the cursor. */
export async function clustersOfAccount(
  ctx: { db: Db },
  accountId: string,
  page: { after: ListPosition | null; limit: number },
): Promise<ClusterWithLeases[]> {
  let query = tables(ctx.db)
    .selectFrom("clusters")
    .selectAll()
    .where("account_id", "=", accountId)
    .orderBy("created_at_ms", "desc")
    .orderBy("id")
    .limit(page.limit);
  const { after } = page;
  if (after !== null) query = query.where(comesAfter(after));
  return withLeases(ctx.db, (await query.execute()).map(clusterFromRow));
}

/** Leases by their ids, in no order; unknown ids are left out. */
export async function leasesByIds(ctx: { db: Db }, ids: readonly LeaseId[]): Promise<LeaseRecord[]> {
  if (ids.length === 0) return [];
  const rows = await tables(ctx.db).selectFrom("leases").selectAll().where(anyOf("id", ids)).execute();
  return rows.map(leaseFromRow);
}

/** What a node still has to hold or to end: its agent has not said that it ended, and the cluster is not settled. */
export async function leasesOfNode(ctx: { db: Db }, nodeId: NodeId): Promise<LeaseRecord[]> {
  const rows = await tables(ctx.db)
    .selectFrom("leases")
    .innerJoin("clusters", "clusters.id", "leases.cluster_id")
    .selectAll("leases")
    .where("leases.node_id", "=", nodeId)
    .where("leases.acknowledged", "=", false)
    .where("clusters.closed_at_ms", "is", null)
    .orderBy("leases.assigned_at_ms")
    .orderBy("leases.id")
    .execute();
  return rows.map(leaseFromRow);
}

/** The escrows that pay a node's leases, ended ones too, as long as their clusters are not settled. */
export async function escrowsOfNode(ctx: { db: Db }, nodeId: NodeId): Promise<string[]> {
  const rows = await tables(ctx.db)
    .selectFrom("leases")
    .innerJoin("clusters", "clusters.id", "leases.cluster_id")
    .select("leases.escrow")
    .distinct()
    .where("leases.node_id", "=", nodeId)
    .where("clusters.closed_at_ms", "is", null)
    .orderBy("leases.escrow")
    .execute();
  return rows.map((row) => row.escrow);
}

/** A cluster's life so far, oldest first. */
export async function eventsOf(ctx: { db: Db }, clusterId: ClusterId): Promise<ClusterEvent[]> {
  const rows = await tables(ctx.db)
    .selectFrom("cluster_events")
    .selectAll()
    .where("cluster_id", "=", clusterId)
    .orderBy("id")
    .execute();
  return rows.map(eventFromRow);
}

/** Writes down what metering has counted for a lease. Seconds never shrink. */
export async function recordDelivered(
  db: Db,
  leaseId: LeaseId,
  { delivered, billed }: { delivered: number; billed: number },
): Promise<void> {
  await tables(db)
    .updateTable("leases")
    .set(({ fn, val }) => ({
      delivered_seconds: fn<number>("greatest", ["delivered_seconds", val(delivered)]),
      billed_seconds: fn<number>("greatest", ["billed_seconds", val(billed)]),
    }))
    .where("id", "=", leaseId)
    .where(({ or, eb }) => or([eb("delivered_seconds", "<", delivered), eb("billed_seconds", "<", billed)]))
    .execute();
}

/**
 * Notes that we are watching, and answers since when without a break (Unix ms): a start after a crash begins anew.
 */
export async function watchingSince(db: Db, nowMs: number, breakMs: number): Promise<number> {
  const row = await tables(db).selectFrom("cluster_watch").selectAll().executeTakeFirst();
  const unbroken = row !== undefined && nowMs - row.last_ms < breakMs;
  const sinceMs = unbroken ? row.since_ms : nowMs;
  // Written a few times within the span that would count as a break, not at every round.
  if (!unbroken || nowMs - row.last_ms >= breakMs / 4) {
    await tables(db)
      .insertInto("cluster_watch")
      .values({ since_ms: sinceMs, last_ms: nowMs })
      .onConflict((conflict) => conflict.column("one").doUpdateSet({ since_ms: sinceMs, last_ms: nowMs }))
      .execute();
  }
  return sinceMs;
}

/** The leases on an account's nodes that have not ended, by id, after the one of the cursor. */
export async function leasesOfSupplier(
  ctx: { db: Db },
  accountId: string,
  page: { after: string; limit: number },
): Promise<LeaseRecord[]> {
  const nodeIds = await nodeIdsOf(ctx, accountId);
  if (nodeIds.length === 0) return [];
  const rows = await tables(ctx.db)
    .selectFrom("leases")
    .selectAll()
    .where(anyOf("node_id", nodeIds))
    .where("phase", "<>", "ended")
    .where("id", ">", page.after)
    .orderBy("id")
    .limit(page.limit)
    .execute();
  return rows.map(leaseFromRow);
}

/** Writes when a lease ends because its supplier takes the node back; the first notice counts. */
export async function writeReclaim(db: Db, id: LeaseId, reclaimAtMs: number): Promise<void> {
  await tables(db)
    .updateTable("leases")
    .set({ reclaim_at_ms: reclaimAtMs })
    .where("id", "=", id)
    .where("reclaim_at_ms", "is", null)
    .execute();
}
