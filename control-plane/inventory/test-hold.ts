import type { LeaseId, NodeId, ReservationId } from "@ionet/protocol";
import type { Db } from "../context.ts";
import { gpuSetOf, toColumn } from "./allocation/gpu-set.ts";
import { slotsOf } from "./hold-gpus.ts";
import { tables } from "./tables.ts";

/** Holds GPUs as rows, past the writer, for tests of what comes after. Throws when one is held already. */
export async function holdGpus(
  db: Db,
  reservationId: ReservationId,
  holds: readonly { leaseId: LeaseId; nodeId: NodeId; gpus: readonly number[] }[],
): Promise<void> {
  const slots = await slotsOf(
    db,
    holds.map((hold) => hold.nodeId),
  );
  await tables(db).deleteFrom("gpu_holds").where("released", "=", true).execute();
  const rows = holds.map(({ leaseId, nodeId, gpus }) => ({
    lease_id: leaseId,
    reservation_id: reservationId,
    slot: slots.get(nodeId) ?? -1,
    gpus: toColumn(gpuSetOf(gpus)),
  }));
  await tables(db).insertInto("gpu_holds").values(rows).execute();
}
