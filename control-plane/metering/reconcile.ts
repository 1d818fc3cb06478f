import { leasesToMeter } from "../clusters/hand-over.ts";
import { isRunning } from "../clusters/model.ts";
import { stopContradicted } from "../clusters/stop-cluster.ts";
import type { ChainContext } from "../context.ts";
import { escrowOf } from "../escrows/store.ts";
import { contradictedLeases, countCluster } from "./count-cluster.ts";
import { READING_INTERVAL_MS } from "./model.ts";
import { recordDeliveries } from "./record-deliveries.ts";
import { newestReading, signReading } from "./sign-reading.ts";

/**
 * Counts what was delivered, and signs a reading of every running cluster now and then; what was settled becomes part
 * of its nodes' histories.
 */
export async function reconcileMetering(ctx: ChainContext): Promise<void> {
  await recordDeliveries(ctx);
  for (const found of await leasesToMeter(ctx)) {
    const escrow = await escrowOf(ctx, found.cluster.id);
    if (escrow === null) continue;
    const newest = await newestReading(ctx.db, found.cluster.id);
    if (newest?.final) continue;
    await countCluster(ctx, found, { minimumSeconds: escrow.minimumSeconds, everything: false });
    const contradicted = await contradictedLeases(ctx.db, found);
    if (contradicted.length > 0) await stopContradicted(ctx, found.cluster.id, contradicted);
    const due = ctx.clock.now() - (newest?.signedAtMs ?? 0) >= READING_INTERVAL_MS;
    if (due && isRunning(found.cluster.state)) await signReading(ctx, found.cluster.id, { final: false });
  }
}
