import type { LeaseId, NodeId, ReservationId } from "@ionet/protocol";
import { sql } from "kysely";
import type { Db } from "../../platform/context.ts";
import { anyOf } from "../../platform/database/any-of.ts";
import { fromColumn, type GpuSet, indicesOf } from "./allocation/gpu-set.ts";
import { tables } from "./tables.ts";

/** The numbers of nodes in the rows of this step; a node that is not known is missing. */
export async function nodeNumbersOf(db: Db, nodeIds: readonly NodeId[]): Promise<Map<NodeId, number>> {
  if (nodeIds.length === 0) return new Map();
  const rows = await tables(db)
    .selectFrom("gpu_nodes")
    .select(["node_id", "node_number"])
    .where(anyOf("node_id", nodeIds))
    .execute();
  return new Map(rows.map((row) => [row.node_id as NodeId, row.node_number]));
}

/**
 * Marks what these leases hold as released; nothing when it is already. The GPUs are offered again at once, and can be
 * booked once the writer has swept the marks away, which it does before it refuses anybody.
 */
export async function releaseGpus(db: Db, leaseIds: readonly LeaseId[]): Promise<void> {
  if (leaseIds.length === 0) return;
  await sql`
    insert into released_leases select * from unnest(${leaseIds}::text[]) as lease_id order by lease_id
    on conflict do nothing`.execute(db);
}

/** Whether there are marks that the writer has not swept away. */
export async function anyReleased(db: Db): Promise<boolean> {
  const rows = await tables(db).selectFrom("released_leases").select("lease_id").limit(1).execute();
  return rows.length > 0;
}

/** The leases whose holds are marked as released. */
export async function releasedLeases(db: Db): Promise<LeaseId[]> {
  const rows = await tables(db).selectFrom("released_leases").select("lease_id").execute();
  return rows.map((row) => row.lease_id as LeaseId);
}

/** Takes away the marks of leases that hold nothing any more. */
export async function sweptLeases(db: Db, leaseIds: readonly LeaseId[]): Promise<void> {
  if (leaseIds.length === 0) return;
  await tables(db).deleteFrom("released_leases").where(anyOf("lease_id", leaseIds)).execute();
}

/** Which GPUs are held, by the nodes' numbers; nodes with none are left out. */
export async function heldGpus(db: Db): Promise<Map<number, GpuSet>> {
  const rows = await tables(db)
    .selectFrom("gpu_holds")
    .select(["node_number", sql<string>`bit_or(gpus)::text`.as("gpus")])
    .where("released", "=", false)
    .groupBy("node_number")
    .execute();
  return new Map(rows.map((row) => [row.node_number, fromColumn(row.gpus)]));
}

/** All that is held: by which lease of which reservation. */
export async function listHolds(
  db: Db,
): Promise<{ leaseId: LeaseId; reservationId: ReservationId; nodeId: NodeId; gpus: number[] }[]> {
  const rows = await tables(db)
    .selectFrom("gpu_holds")
    .innerJoin("gpu_nodes", "gpu_nodes.node_number", "gpu_holds.node_number")
    .select(["lease_id", "reservation_id", "node_id", sql<string>`gpu_holds.gpus::text`.as("gpus")])
    .where("released", "=", false)
    .execute();
  return rows.map((row) => ({
    leaseId: row.lease_id as LeaseId,
    reservationId: row.reservation_id as ReservationId,
    nodeId: row.node_id as NodeId,
    gpus: indicesOf(fromColumn(row.gpus)),
  }));
}
