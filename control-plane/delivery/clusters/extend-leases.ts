import type { ClusterId } from "@ionet/protocol";
import type { Context, Db } from "../../platform/context.ts";
import { recordEvent } from "./change.ts";
import { eventsOf, lockCluster } from "./store.ts";
import { tables } from "./tables.ts";

/** How long a lease may run, by its escrow and its place there, and what was paid for beyond its supplier's terms. */
export type Budget = { escrow: string; escrowIndex: number; maxSeconds: number; beyondSeconds: number };

/** How many leases run on for longer; `beyond`: what is not taken over, in words, when it had not been said yet. */
export type LeaseExtension = { extended: number; beyond: string | null };

/**
 * Takes over what a top-up has brought: leases run on to the longer budget, which their agents, the meter and settlement
 * go by. Nothing is ever shortened, and nothing changes when it is said again.
 */
export async function extendLeases(
  ctx: Context,
  clusterId: ClusterId,
  budgets: readonly Budget[],
): Promise<LeaseExtension> {
  const nowMs = ctx.clock.now();
  const { extended, beyond } = await ctx.db.transaction().execute(async (db) => {
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
    if (longer.length > 0) {
      await tables(db)
        .updateTable("clusters")
        .set({ warned_minutes: null })
        .where("id", "=", clusterId)
        .execute();
      const seconds = Math.max(...longer.map(({ lease, budget }) => budget.maxSeconds - lease.maxSeconds));
      const detail = `${longer.length} leases by ${seconds} s`;
      await recordEvent(db, { id: clusterId }, nowMs, "topped-up", detail);
    }
    return {
      extended: longer.map(({ lease }) => lease),
      beyond: await sayBeyond(db, clusterId, budgets, nowMs),
    };
  });
  for (const lease of extended) ctx.nodeChanged(lease.nodeId);
  return { extended: extended.length, beyond };
}

/** Tells the engineer once what a top-up has paid for and no supplier has offered. */
async function sayBeyond(
  db: Db,
  clusterId: ClusterId,
  budgets: readonly Budget[],
  nowMs: number,
): Promise<string | null> {
  const over = budgets.filter(({ beyondSeconds }) => beyondSeconds > 0);
  if (over.length === 0) return null;
  const seconds = Math.max(...over.map(({ beyondSeconds }) => beyondSeconds));
  const detail = `${over.length} leases were paid for ${seconds} s beyond what their suppliers offer: they end before, and the money for it returns when the escrow is closed`;
  const said = (await eventsOf({ db }, clusterId)).some(
    (one) => one.event === BEYOND_TERMS && one.detail === detail,
  );
  if (said) return null;
  await recordEvent(db, { id: clusterId }, nowMs, BEYOND_TERMS, detail);
  return detail;
}

const BEYOND_TERMS = "topped-up-beyond-terms";
