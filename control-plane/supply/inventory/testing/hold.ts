import type { LeaseId, NodeId, ReservationId } from "@ionet/protocol";
import { sql } from "kysely";
import type { Db } from "../../../platform/context.ts";
import { commitRows } from "../allocation/commit.ts";
import { gpuSetOf } from "../allocation/gpu-set.ts";
import { readHeldRows } from "../allocation/lead.ts";
import { nodeNumbersOf, releasedLeases, sweptLeases } from "../hold-gpus.ts";

/**
 * Holds GPUs in this transaction as the writer would, where there is none, for tests of what comes after; what was released before is free.
 * Throws when one is held already.
 */
export async function holdGpus(
  db: Db,
  reservationId: ReservationId,
  holds: readonly { leaseId: LeaseId; nodeId: NodeId; gpus: readonly number[] }[],
): Promise<void> {
  // One after the other, as the writer's groups are.
  const { rows: writers } = await sql<{ token: string }>`
    select token::text from allocation_writer for update`.execute(db);
  const nodeNumbers = await nodeNumbersOf(
    db,
    holds.map((hold) => hold.nodeId),
  );
  const { rows, holds: held } = await readHeldRows(db);
  const marked = await releasedLeases(db);
  const released = new Set<string>(marked);
  const wanted = holds.map(({ leaseId, nodeId, gpus }) => ({
    ...{ leaseId, reservationId, nodeNumber: nodeNumbers.get(nodeId) ?? -1, gpus: gpuSetOf(gpus) },
  }));
  const change = { freed: held.filter(({ leaseId }) => released.has(leaseId)), holds: wanted };
  await commitRows(db, BigInt(writers[0]?.token ?? ""), rows.change([change]));
  await sweptLeases(db, marked);
}
