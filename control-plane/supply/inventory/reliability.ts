import type { NodeId, Reliability } from "@ionet/protocol";
import { sql } from "kysely";
import type { Db } from "../../platform/context.ts";
import { tables } from "./tables.ts";

/** What became of the time a node was hired for, in whole seconds: how much it owed, and how much of that it delivered. */
export type Delivery = { promisedSeconds: number; deliveredSeconds: number };

/** The 97.5th percentile of the normal distribution: the bound holds in 95 of 100 cases, both sides counted. */
const Z = 1.96;

/** A node's reliability from all that it was hired for. */
export function reliabilityOf({ promisedSeconds, deliveredSeconds }: Delivery): Reliability {
  if (promisedSeconds <= 0) return { share: 0, hiredHours: 0, lowerBound: 0 };
  const share = Math.min(1, deliveredSeconds / promisedSeconds);
  const hiredHours = promisedSeconds / 3600;
  return { share, hiredHours, lowerBound: wilsonLowerBound(share, hiredHours) };
}

/**
 * Wilson's lower bound of a share seen in `trials` trials (Wilson 1927, "Probable inference"): a new node's good hour
 * counts for little, a thousand of them for almost all.
 */
export function wilsonLowerBound(share: number, trials: number): number {
  if (trials <= 0) return 0;
  const square = Z * Z;
  const centre = share + square / (2 * trials);
  const spread = Z * Math.sqrt((share * (1 - share)) / trials + square / (4 * trials * trials));
  return Math.max(0, (centre - spread) / (1 + square / trials));
}

/** Adds what became of one lease to its node's history. Called once for each lease, in the transaction that says so. */
export async function addDelivery(db: Db, nodeId: NodeId, delivery: Delivery): Promise<void> {
  await tables(db)
    .insertInto("node_history")
    .values({
      node_id: nodeId,
      leases: 1,
      promised_seconds: delivery.promisedSeconds,
      delivered_seconds: delivery.deliveredSeconds,
    })
    .onConflict((conflict) =>
      conflict.column("node_id").doUpdateSet({
        leases: sql`node_history.leases + 1`,
        promised_seconds: sql`node_history.promised_seconds + excluded.promised_seconds`,
        delivered_seconds: sql`node_history.delivered_seconds + excluded.delivered_seconds`,
      }),
    )
    .execute();
}

/** What is known of nodes' past, where it changed in this transaction or later (`xmin` of a horizon). */
export async function changedDeliveries(db: Db, xmin: string): Promise<Map<NodeId, Delivery>> {
  const rows = await tables(db)
    .selectFrom("node_history")
    .select(["node_id", "promised_seconds", "delivered_seconds"])
    .where("changed", ">=", sql<string>`${xmin}::xid8`)
    .execute();
  return new Map(
    rows.map((row) => [
      row.node_id as NodeId,
      { promisedSeconds: row.promised_seconds, deliveredSeconds: row.delivered_seconds },
    ]),
  );
}
