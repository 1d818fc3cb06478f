import type { ChainContext } from "../../platform/context.ts";
import { leasesToMeter } from "../clusters/hand-over.ts";
import { isRunning } from "../clusters/model.ts";
import { stopContradicted } from "../clusters/stop-cluster.ts";
import { escrowsOf } from "../escrows/store.ts";
import { contradictedLeases, countCluster } from "./count-cluster.ts";
import { READING_INTERVAL_MS } from "./model.ts";
import { recordDeliveries } from "./record-deliveries.ts";
import { minimumSecondsOf, readingsOfCluster, signReadings } from "./sign-reading.ts";

/**
 * Counts what was delivered, and signs a reading of every running cluster's escrows now and then; what was settled
 * becomes part of its nodes' histories.
 */
export async function reconcileMetering(ctx: ChainContext): Promise<void> {
  await recordDeliveries(ctx);
  for (const found of await leasesToMeter(ctx)) {
    const { id, state } = found.cluster;
    const escrows = await escrowsOf(ctx, id);
    const newest = await readingsOfCluster(ctx.db, id);
    if (escrows.every(({ address }) => newest.get(address)?.final)) continue;
    await countCluster(ctx, found, { minimumSeconds: minimumSecondsOf(escrows), everything: false });
    const contradicted = await contradictedLeases(ctx.db, found);
    if (contradicted.length > 0) await stopContradicted(ctx, id, contradicted);
    const signedAtMs = Math.min(...escrows.map(({ address }) => newest.get(address)?.signedAtMs ?? 0));
    const due = ctx.clock.now() - signedAtMs >= READING_INTERVAL_MS;
    if (due && isRunning(state)) await signReadings(ctx, id, { final: false });
  }
}
