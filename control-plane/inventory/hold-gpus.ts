import type { LeaseId, NodeId, ReservationId } from "@ionet/protocol";
import type { Db } from "../context.ts";
import { tables } from "./tables.ts";

/** The GPUs of one lease, by their indices on its node. */
export type GpuHold = { leaseId: LeaseId; nodeId: NodeId; gpus: readonly number[] };

/**
 * Holds all these GPUs or none: run it inside a transaction, and undo the transaction when it answers false.
 * The partial unique index on (node, GPU) decides between rivals.
 */
export async function holdGpus(
  db: Db,
  reservationId: ReservationId,
  holds: readonly GpuHold[],
): Promise<boolean> {
  // One order for all, so that two bookings of the same GPUs wait for each other and never deadlock.
  const rows = holds
    .flatMap(({ leaseId, nodeId, gpus }) =>
      gpus.map((gpu) => ({
        node_id: nodeId,
        gpu_index: gpu,
        reservation_id: reservationId,
        lease_id: leaseId,
      })),
    )
    .sort((a, b) => (a.node_id === b.node_id ? a.gpu_index - b.gpu_index : a.node_id < b.node_id ? -1 : 1));
  const { numInsertedOrUpdatedRows } = await tables(db)
    .insertInto("held_gpus")
    .values(rows)
    .onConflict((conflict) =>
      conflict.columns(["node_id", "gpu_index"]).where("released", "=", false).doNothing(),
    )
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === BigInt(rows.length);
}

/** Frees what a lease holds; nothing when it is free already. */
export async function releaseGpusOfLease(db: Db, leaseId: LeaseId): Promise<void> {
  await tables(db)
    .updateTable("held_gpus")
    .set({ released: true })
    .where("lease_id", "=", leaseId)
    .where("released", "=", false)
    .execute();
}

/** Frees what a whole reservation holds. */
export async function releaseGpusOfReservation(db: Db, id: ReservationId): Promise<void> {
  await tables(db)
    .updateTable("held_gpus")
    .set({ released: true })
    .where("reservation_id", "=", id)
    .where("released", "=", false)
    .execute();
}

/** Which GPUs of these nodes are held. */
export async function heldGpus(db: Db, nodeIds: readonly NodeId[]): Promise<Map<NodeId, Set<number>>> {
  const held = new Map<NodeId, Set<number>>();
  if (nodeIds.length === 0) return held;
  const rows = await tables(db)
    .selectFrom("held_gpus")
    .select(["node_id", "gpu_index"])
    .where("released", "=", false)
    .where("node_id", "in", nodeIds)
    .execute();
  for (const row of rows) {
    const id = row.node_id as NodeId;
    held.set(id, (held.get(id) ?? new Set()).add(row.gpu_index));
  }
  return held;
}
