import type { Context } from "../../platform/context.ts";
import { addDelivery } from "../../supply/inventory/reliability.ts";
import { leasesForHistory, markInHistory } from "../clusters/history.ts";
import { deliveryOf } from "./delivery.ts";

/** Leases in one round. */
const ROUND = 200;

/** Adds the leases of settled clusters to their nodes' histories, each once. */
export async function recordDeliveries(ctx: Pick<Context, "db">): Promise<void> {
  for (const lease of await leasesForHistory(ctx, ROUND)) {
    const delivery = deliveryOf(lease);
    await ctx.db.transaction().execute(async (db) => {
      if (!(await markInHistory(db, lease.id)) || delivery === null) return;
      await addDelivery(db, lease.nodeId, delivery);
    });
  }
}
