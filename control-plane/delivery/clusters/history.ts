import type { LeaseId } from "@ionet/protocol";
import type { Context, Db } from "../../platform/context.ts";
import type { LeaseRecord } from "./model.ts";
import { leaseFromRow, tables } from "./tables.ts";

/** Leases of settled clusters that are not in their nodes' histories yet. */
export async function leasesForHistory(ctx: Pick<Context, "db">, limit: number): Promise<LeaseRecord[]> {
  const rows = await tables(ctx.db)
    .selectFrom("leases")
    .innerJoin("clusters", "clusters.id", "leases.cluster_id")
    .selectAll("leases")
    .where("leases.in_history", "=", false)
    .where("clusters.closed_at_ms", "is not", null)
    .orderBy("leases.id")
    .limit(limit)
    .execute();
  return rows.map(leaseFromRow);
}

/** Says that a lease is in its node's history. False when it was already. */
export async function markInHistory(db: Db, id: LeaseId): Promise<boolean> {
  const { numUpdatedRows } = await tables(db)
    .updateTable("leases")
    .set({ in_history: true })
    .where("id", "=", id)
    .where("in_history", "=", false)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}
