import type { ClusterId } from "@ionet/protocol";
import type { Context } from "../context.ts";
import { recordEvent } from "./change.ts";
import { lockCluster } from "./store.ts";
import { tables } from "./tables.ts";

/** How long a lease may run by the chain, by its escrow and its place there. */
export type Budget = { escrow: string; escrowIndex: number; maxSeconds: number };

/**
 * Takes over what a top-up has brought: leases run on to the longer budget, which their agents, the meter and settlement
 * go by. Nothing is ever shortened, and nothing changes when it is said again. Returns whether anything was new.
 */
export async function extendLeases(
  ctx: Context,
  clusterId: ClusterId,
  budgets: readonly Budget[],
): Promise<boolean> {
  const nowMs = ctx.clock.now();
  const extended = await ctx.db.transaction().execute(async (db) => {
    const locked = await lockCluster(db, clusterId);
    const longer = (locked?.leases ?? []).flatMap((lease) => {
      const budget = budgets.find(
        (one) => one.escrow === lease.escrow && one.escrowIndex === lease.escrowIndex,
      );
      return budget !== undefined && budget.maxSeconds > lease.maxSeconds ? [{ lease, budget }] : [];
    });
    for (const { lease, budget } of longer) {
      await tables(db)
        .updateTable("leases")
        .set({ max_seconds: budget.maxSeconds })
        .where("id", "=", lease.id)
        .execute();
    }
    if (longer.length === 0) return [];
    await tables(db)
      .updateTable("clusters")
      .set({ warned_minutes: null })
      .where("id", "=", clusterId)
      .execute();
    const seconds = Math.max(...longer.map(({ lease, budget }) => budget.maxSeconds - lease.maxSeconds));
    const detail = `${longer.length} leases by ${seconds} s`;
    await recordEvent(db, { id: clusterId }, nowMs, "topped-up", detail);
    return longer.map(({ lease }) => lease);
  });
  for (const lease of extended) ctx.nodeChanged(lease.nodeId);
  return extended.length > 0;
}
