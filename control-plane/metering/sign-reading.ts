import { genesisHash, readingBytes, signReading as signBytes } from "@ionet/chain";
import type { ClusterId, NodeId, SignedReading } from "@ionet/protocol";
import { address } from "@solana/kit";
import { clustersOfNode, findCluster } from "../clusters/store.ts";
import type { ChainContext, Context, Db } from "../context.ts";
import type { EscrowRecord } from "../escrows/model.ts";
import { escrowOf } from "../escrows/store.ts";
import { countCluster } from "./count-cluster.ts";
import { tables } from "./tables.ts";

/** A signed reading with the seconds it says, by lease index. */
export type KeptReading = SignedReading & { seconds: number[]; final: boolean; signedAtMs: number };

/**
 * Signs what a cluster has delivered so far, and keeps it. A final reading is made once: asked again, the same bytes
 * come back, whatever was heard of since.
 */
export async function signReading(
  ctx: ChainContext,
  clusterId: ClusterId,
  { final }: { final: boolean },
): Promise<KeptReading> {
  const kept = await newestReading(ctx.db, clusterId);
  if (kept?.final) return kept;
  const escrow = await escrowOf(ctx, clusterId);
  const found = await findCluster(ctx, clusterId);
  if (escrow === null || found === null) throw new Error(`cluster ${clusterId} has no escrow to read for`);
  await countCluster(ctx, found, { minimumSeconds: escrow.minimumSeconds, everything: final });
  const counted = await findCluster(ctx, clusterId);
  const seconds = (counted ?? found).leases.map((lease) => lease.deliveredSeconds);
  return signSeconds(ctx, escrow, seconds, final);
}

/** The final reading of an escrow that never became a cluster: nobody delivered anything. */
export async function signNothingDelivered(
  ctx: ChainContext,
  escrow: EscrowRecord,
  leases: number,
): Promise<KeptReading> {
  const kept = await newestReading(ctx.db, escrow.clusterId);
  return (
    kept ??
    signSeconds(
      ctx,
      escrow,
      Array.from({ length: leases }, () => 0),
      true,
    )
  );
}

async function signSeconds(
  ctx: ChainContext,
  escrow: EscrowRecord,
  seconds: readonly number[],
  final: boolean,
): Promise<KeptReading> {
  const reading = await readingBytes({
    escrow: { address: address(escrow.address), openedSlot: escrow.openedSlot },
    genesisHash: await genesisHash(ctx.chain),
    final,
    leases: seconds.map((delivered, index) => ({ index, seconds: delivered })),
  });
  const signature = await signBytes(ctx.meter, reading);
  await keep(ctx.db, {
    clusterId: escrow.clusterId,
    escrow: escrow.address,
    meter: ctx.meter.address,
    reading: Buffer.from(reading).toString("base64"),
    signature: Buffer.from(signature).toString("base64"),
    seconds: [...seconds],
    final,
    signedAtMs: ctx.clock.now(),
  });
  // Another signer may have been first with a final one: what is kept counts.
  const kept = await newestReading(ctx.db, escrow.clusterId);
  if (kept === null) throw new Error(`the reading of ${escrow.address} was not kept`);
  return kept;
}

async function keep(db: Db, reading: KeptReading): Promise<void> {
  const values = {
    meter: reading.meter,
    reading: reading.reading,
    signature: reading.signature,
    seconds: JSON.stringify(reading.seconds),
    final: reading.final,
    signed_at_ms: reading.signedAtMs,
  };
  await tables(db)
    .insertInto("readings")
    .values({ escrow: reading.escrow, cluster_id: reading.clusterId, ...values })
    .onConflict((conflict) =>
      conflict.column("escrow").doUpdateSet(values).where("readings.final", "=", false),
    )
    .execute();
}

/** The newest reading of a cluster's escrow; null when none was signed. */
export async function newestReading(db: Db, clusterId: ClusterId): Promise<KeptReading | null> {
  const row = await tables(db)
    .selectFrom("readings")
    .selectAll()
    .where("cluster_id", "=", clusterId)
    .executeTakeFirst();
  if (row === undefined) return null;
  return {
    clusterId,
    escrow: row.escrow,
    meter: row.meter,
    reading: row.reading,
    signature: row.signature,
    seconds: row.seconds,
    final: row.final,
    signedAtMs: row.signed_at_ms,
  };
}

/** The newest readings of the clusters a node has leases in: with them its supplier can collect by itself. */
export async function newestReadings(ctx: Pick<Context, "db">, nodeId: NodeId): Promise<SignedReading[]> {
  const readings: SignedReading[] = [];
  for (const clusterId of await clustersOfNode(ctx, nodeId)) {
    const kept = await newestReading(ctx.db, clusterId);
    if (kept === null) continue;
    const { escrow, meter, reading, signature } = kept;
    readings.push({ clusterId, escrow, meter, reading, signature });
  }
  return readings;
}
