import { makeId } from "@ionet/protocol";
import { sql } from "kysely";
import type { OpenDatabase } from "../../control-plane/database/open.ts";
import type { AllocationBook } from "../../control-plane/inventory/allocation/book.ts";
import { commitGroup, flushCommits } from "../../control-plane/inventory/allocation/commit.ts";
import { gpuSetOf } from "../../control-plane/inventory/allocation/gpu-set.ts";
import { takeLead } from "../../control-plane/inventory/allocation/lead.ts";
import { readHeld } from "../../control-plane/inventory/allocation/test-slots.ts";
import { AllocationWriter } from "../../control-plane/inventory/allocation/writer.ts";
import type { Carrier } from "./gangs.ts";
import type { MarketNode } from "./market.ts";
import { randomIdBytes } from "./random-ids.ts";

/** The product's writer on this database, with the market on its shelves. */
export async function openWriter(
  database: OpenDatabase,
  market: readonly MarketNode[],
): Promise<
  Carrier<string[]> & { groups(): number; leases(): number; check(): Promise<void>; close(): Promise<void> }
> {
  const connection = database.openConnection();
  const flusher = database.openConnection();
  const lead = await takeLead<null>(connection.db);
  if (lead === null) throw new Error("somebody else allocates on this server");
  const flush = () => flushCommits(flusher.db);
  await flush();
  await shelve(database, lead.book, market);
  const counts = { groups: 0, leases: 0 };
  const writer = new AllocationWriter<null>(lead.book, {
    async commit(group) {
      const holds = group.flatMap((change) => change.holds);
      const freed = group.flatMap((change) => change.freed);
      counts.groups++;
      counts.leases += holds.length;
      return { refusals: null, swept: await commitGroup(connection.db, lead.token, { holds, freed }) };
    },
    flush,
  });
  const bytes = randomIdBytes();
  return {
    async reserve(model, gpus) {
      const holds = await writer.hold(makeId("reservation", bytes()), (book) => {
        const shares = book.cheapest(model, gpus, () => true);
        return (
          shares?.map(({ lot, count }) => ({
            leaseId: makeId("lease", bytes()),
            slot: lot.slot,
            gpus: book.freeGpusOf(lot, count),
          })) ?? null
        );
      });
      return holds?.map((hold) => hold.leaseId) ?? null;
    },
    release: (leaseIds) => writer.free(leaseIds),
    groups: () => counts.groups,
    leases: () => counts.leases,
    async check() {
      const held = await readHeld(database.db);
      if (!held.same || held.byLeases !== held.byNodes) throw new Error("the rows contradict each other");
    },
    async close() {
      await connection.close();
      await flusher.close();
    },
  };
}

async function shelve(
  { db }: OpenDatabase,
  book: AllocationBook<null>,
  market: readonly MarketNode[],
): Promise<void> {
  const { rows } = await sql<{ node_id: string; slot: number }>`select node_id, slot from gpu_nodes`.execute(
    db,
  );
  const slots = new Map(rows.map((row) => [row.node_id, row.slot]));
  for (const { id, model, gpus, price } of market) {
    const set = gpuSetOf(Array.from({ length: gpus }, (_, index) => index));
    book.offer(slots.get(id) ?? -1, [{ shelf: model, gpus: set, price, terms: null }]);
  }
}
