import type { FreeOffer } from "@ionet/placement";
import type { NodeId, RequestId } from "@ionet/protocol";
import { sql } from "kysely";
import type { Db } from "../../platform/context.ts";
import { anyOf } from "../../platform/database/any-of.ts";
import { fromColumn, type GpuSet, NO_GPUS, toColumn } from "./allocation/gpu-set.ts";
import { withoutGpus } from "./offers-of-node.ts";
import { tables } from "./tables.ts";

/** GPUs of one node that are kept for a request from a time on (Unix ms). */
export type BackfillReservation = { nodeId: NodeId; gpus: GpuSet; fromMs: number; requestId: RequestId };

/**
 * The rule that keeps small leases from starving a gang that waits: whoever takes reserved GPUs must be gone before they
 * are reserved. Answers which GPUs of a node a lease that ends at `endsMs` may not take, unless it is that request's own.
 */
export function forbiddenGpus(
  backfills: readonly BackfillReservation[],
  lease: { nodeId: NodeId; endsMs: number; requestId: RequestId | null },
): GpuSet {
  let set = NO_GPUS;
  for (const { nodeId, gpus, fromMs, requestId } of backfills) {
    if (nodeId === lease.nodeId && requestId !== lease.requestId && lease.endsMs > fromMs) set |= gpus;
  }
  return set;
}

/** Offers without the GPUs that a lease may not take; those of which nothing is left stay, with nothing free. */
export function withoutBackfilled(
  offers: readonly FreeOffer[],
  backfills: readonly BackfillReservation[],
  lease: { endsMs: number; requestId: RequestId | null },
): FreeOffer[] {
  // Backfill reservations are seldom, and of few nodes.
  if (backfills.length === 0) return [...offers];
  const byNode = Map.groupBy(backfills, (backfill) => backfill.nodeId);
  return offers.map((offer) => {
    const set = forbiddenGpus(byNode.get(offer.nodeId) ?? [], { nodeId: offer.nodeId, ...lease });
    return set === NO_GPUS ? offer : withoutGpus(offer, set);
  });
}

/** The backfill reservations in force; `nodeIds`: of these nodes only. */
export async function listBackfills(db: Db, nodeIds?: readonly NodeId[]): Promise<BackfillReservation[]> {
  let query = tables(db)
    .selectFrom("backfill_reservations")
    .select(["node_id", "request_id", "from_ms", sql<string>`gpus::text`.as("gpus")]);
  if (nodeIds !== undefined) query = query.where(anyOf("node_id", nodeIds));
  return (await query.execute()).map((row) => ({
    nodeId: row.node_id as NodeId,
    gpus: fromColumn(row.gpus),
    fromMs: row.from_ms,
    requestId: row.request_id as RequestId,
  }));
}

/** Backfill reservations written at a time: PostgreSQL takes so many parameters at once and no more. */
const PART = 1_000;

/** From now on exactly these backfill reservations are in force. */
export async function replaceBackfills(db: Db, backfills: readonly BackfillReservation[]): Promise<void> {
  const before = await listBackfills(db);
  if (sameAs(before) === sameAs(backfills)) return;
  await db.transaction().execute(async (tx) => {
    await tables(tx).deleteFrom("backfill_reservations").execute();
    const rows = backfills.map(({ nodeId, gpus, fromMs, requestId }) => ({
      node_id: nodeId,
      request_id: requestId,
      gpus: toColumn(gpus),
      from_ms: fromMs,
    }));
    for (let start = 0; start < rows.length; start += PART)
      await tables(tx)
        .insertInto("backfill_reservations")
        .values(rows.slice(start, start + PART))
        .execute();
  });
}

const sameAs = (backfills: readonly BackfillReservation[]): string =>
  backfills
    .map(({ nodeId, gpus, fromMs, requestId }) => `${nodeId} ${requestId} ${gpus} ${fromMs}`)
    .sort()
    .join("\n");
