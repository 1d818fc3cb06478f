import type { LeaseId, NodeId, ReservationId } from "@ionet/protocol";
import { sql } from "kysely";
import type { Db } from "../context.ts";
import { fromColumn, gpuSetOf, indicesOf, toColumn } from "./allocation/gpu-set.ts";
import { tables } from "./tables.ts";

/** The GPUs of one lease, by their indices on its node. */
export type GpuHold = { leaseId: LeaseId; nodeId: NodeId; gpus: readonly number[] };

const EXCLUSION_VIOLATION = "23P01";

/**
 * Holds all these GPUs or none: run it inside a transaction, and undo the transaction when it answers false.
 * The triggers on gpu_holds decide between rivals.
 */
export async function holdGpus(
  db: Db,
  reservationId: ReservationId,
  holds: readonly GpuHold[],
): Promise<boolean> {
  const slots = await slotsOf(
    db,
    holds.map((hold) => hold.nodeId),
  );
  try {
    // One order for all, so that two bookings of the same nodes wait for each other and never deadlock.
    await sql`select 1 from gpu_nodes where slot in (${sql.join([...slots.values(), -1])})
      order by slot for update`.execute(db);
    await sql`delete from gpu_holds where released`.execute(db);
    await tables(db)
      .insertInto("gpu_holds")
      .values(
        holds.map(({ leaseId, nodeId, gpus }) => ({
          lease_id: leaseId,
          reservation_id: reservationId,
          slot: slots.get(nodeId) ?? -1,
          gpus: toColumn(gpuSetOf(gpus)),
        })),
      )
      .execute();
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === EXCLUSION_VIOLATION) return false;
    throw error;
  }
}

/** The short names of nodes in the rows of this step; a node that is not known is missing. */
export async function slotsOf(db: Db, nodeIds: readonly NodeId[]): Promise<Map<NodeId, number>> {
  if (nodeIds.length === 0) return new Map();
  const rows = await tables(db)
    .selectFrom("gpu_nodes")
    .select(["node_id", "slot"])
    .where("node_id", "in", nodeIds)
    .execute();
  return new Map(rows.map((row) => [row.node_id as NodeId, row.slot]));
}

/**
 * Marks what these leases hold as released; nothing when it is already. The GPUs are offered again at once, and can be
 * booked once the writer has swept the marks away, which it does before it refuses anybody.
 */
export async function releaseGpus(db: Db, leaseIds: readonly LeaseId[]): Promise<void> {
  if (leaseIds.length === 0) return;
  await tables(db)
    .updateTable("gpu_holds")
    .set({ released: true })
    .where("lease_id", "in", leaseIds)
    .where("released", "=", false)
    .execute();
}

/** Which GPUs of these nodes are held. */
export async function heldGpus(db: Db, nodeIds: readonly NodeId[]): Promise<Map<NodeId, Set<number>>> {
  const held = new Map<NodeId, Set<number>>();
  if (nodeIds.length === 0) return held;
  const rows = await tables(db)
    .selectFrom("gpu_holds")
    .innerJoin("gpu_nodes", "gpu_nodes.slot", "gpu_holds.slot")
    .select(["gpu_nodes.node_id", sql<string>`gpu_holds.gpus::text`.as("gpus")])
    .where("released", "=", false)
    .where("node_id", "in", nodeIds)
    .execute();
  for (const row of rows) {
    const id = row.node_id as NodeId;
    held.set(id, new Set([...(held.get(id) ?? []), ...indicesOf(fromColumn(row.gpus))]));
  }
  return held;
}
