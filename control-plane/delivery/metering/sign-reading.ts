import { genesisHash, readingBytes, signReading as signBytes } from "@ionet/chain";
import type { ClusterId, NodeId, SignedReading } from "@ionet/protocol";
import { address } from "@solana/kit";
import type { Selectable } from "kysely";
import type { ChainContext, Context, Db } from "../../platform/context.ts";
import { escrowsOfNode, findCluster } from "../clusters/store.ts";
import type { EscrowRecord } from "../escrows/model.ts";
import { escrowsOf } from "../escrows/store.ts";
import { countCluster } from "./count-cluster.ts";
import { type ReadingTable, tables } from "./tables.ts";

/** A signed reading with the seconds it says, by lease index. */
export type KeptReading = SignedReading & { seconds: number[]; final: boolean; signedAtMs: number };

/**
 * Signs what a cluster has delivered so far, a reading for each of its escrows, and keeps them. A final reading is made
 * once: asked again, the same bytes come back, whatever was heard of since. By the escrows' addresses.
 */
export async function signReadings(
  ctx: ChainContext,
  clusterId: ClusterId,
  { final }: { final: boolean },
): Promise<Map<string, KeptReading>> {
  const readings = await readingsOfCluster(ctx.db, clusterId);
  const escrows = await escrowsOf(ctx, clusterId);
  const unread = escrows.filter(({ address }) => !readings.get(address)?.final);
  if (escrows.length > 0 && unread.length === 0) return readings;
  const found = await findCluster(ctx, clusterId);
  if (unread.length === 0 || found === null)
    throw new Error(`cluster ${clusterId} has no escrow to read for`);
  await countCluster(ctx, found, { minimumSeconds: minimumSecondsOf(escrows), everything: final });
  const { leases } = (await findCluster(ctx, clusterId)) ?? found;
  for (const escrow of unread) {
    const own = leases.filter((lease) => lease.escrow === escrow.address);
    own.sort((a, b) => a.escrowIndex - b.escrowIndex);
    const seconds = own.map((lease) => lease.billedSeconds);
    readings.set(escrow.address, await signSeconds(ctx, escrow, seconds, final));
  }
  return readings;
}

/** The least that a lease which served is billed, seconds, by the address of its escrow. */
export const minimumSecondsOf = (
  escrows: readonly Pick<EscrowRecord, "address" | "minimumSeconds">[],
): Map<string, number> => new Map(escrows.map(({ address, minimumSeconds }) => [address, minimumSeconds]));

/** The final reading of an escrow that never became a cluster: nobody delivered anything. */
export async function signNothingDelivered(
  ctx: ChainContext,
  escrow: EscrowRecord,
  leases: number,
): Promise<KeptReading> {
  const kept = await newestReading(ctx.db, escrow.address);
  const nothing = Array.from({ length: leases }, () => 0);
  return kept ?? signSeconds(ctx, escrow, nothing, true);
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
  const kept = await newestReading(ctx.db, escrow.address);
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

/** The newest reading of an escrow; null when none was signed. */
export async function newestReading(db: Db, escrow: string): Promise<KeptReading | null> {
  const row = await tables(db)
    .selectFrom("readings")
    .selectAll()
    .where("escrow", "=", escrow)
    .executeTakeFirst();
  return row === undefined ? null : fromRow(row);
}

/** The newest readings of a cluster's escrows, by their addresses. */
export async function readingsOfCluster(db: Db, clusterId: ClusterId): Promise<Map<string, KeptReading>> {
  const rows = await tables(db)
    .selectFrom("readings")
    .selectAll()
    .where("cluster_id", "=", clusterId)
    .execute();
  return new Map(rows.map((row) => [row.escrow, fromRow(row)]));
}

const fromRow = (row: Selectable<ReadingTable>): KeptReading => ({
  clusterId: row.cluster_id as ClusterId,
  escrow: row.escrow,
  meter: row.meter,
  reading: row.reading,
  signature: row.signature,
  seconds: row.seconds,
  final: row.final,
  signedAtMs: row.signed_at_ms,
});

/** The newest readings of the escrows that pay a node's leases: with them its supplier can collect by itself. */
export async function newestReadings(ctx: Pick<Context, "db">, nodeId: NodeId): Promise<SignedReading[]> {
  const readings: SignedReading[] = [];
  for (const address of await escrowsOfNode(ctx, nodeId)) {
    const kept = await newestReading(ctx.db, address);
    if (kept === null) continue;
    const { clusterId, escrow, meter, reading, signature } = kept;
    readings.push({ clusterId, escrow, meter, reading, signature });
  }
  return readings;
}
