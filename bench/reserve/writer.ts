import { makeId } from "@ionet/protocol";
import { sql } from "kysely";
import type { OpenDatabase } from "../../control-plane/platform/database/open.ts";
import { commitRows, flushCommits } from "../../control-plane/supply/inventory/allocation/commit.ts";
import { gpuSetOf } from "../../control-plane/supply/inventory/allocation/gpu-set.ts";
import type { Hold } from "../../control-plane/supply/inventory/allocation/held-rows.ts";
import { takeLead } from "../../control-plane/supply/inventory/allocation/lead.ts";
import { readHeld } from "../../control-plane/supply/inventory/allocation/testing/slots.ts";
import { AllocationWriter } from "../../control-plane/supply/inventory/allocation/writer.ts";
import type { Carrier } from "./gangs.ts";
import type { MarketNode } from "./market.ts";
import { randomIdBytes } from "./random-ids.ts";
import { Shelves } from "./shelves.ts";

/** The product's writer on this database, with the market on its shelves. */
export async function openWriter(
  database: OpenDatabase,
  market: readonly MarketNode[],
): Promise<
  Carrier<Hold[]> & { groups(): number; leases(): number; check(): Promise<void>; close(): Promise<void> }
> {
  const connection = database.openConnection();
  const flusher = database.openConnection();
  const lead = await takeLead(connection.db);
  if (lead === null) throw new Error("somebody else allocates on this server");
  const flush = () => flushCommits(flusher.db);
  await flush();
  const { token, rows, book } = lead;
  const shelves = await shelve(database, market);
  for (const slot of shelves.slots) shelves.changed(slot, book.heldOn(slot));
  const counts = { groups: 0, leases: 0 };
  const writer = new AllocationWriter(book, {
    async commit(group) {
      counts.groups++;
      for (const { holds } of group) counts.leases += holds.length;
      await commitRows(connection.db, token, rows.change(group));
      return null;
    },
    flush,
  });
  const bytes = randomIdBytes();
  return {
    async reserve(model, gpus) {
      const holds = await writer.hold(makeId("reservation", bytes()), () => {
        const shares = shelves.cheapest(model, gpus);
        return (
          shares?.map(({ lot, count }) => {
            const { slot } = lot;
            const held = book.heldOn(slot);
            const free = shelves.freeOf(lot, held, count);
            shelves.changed(slot, held | free);
            return { leaseId: makeId("lease", bytes()), slot, gpus: free };
          }) ?? null
        );
      });
      return holds;
    },
    async release(holds) {
      await writer.free(holds.map(({ leaseId }) => leaseId));
      for (const { slot } of holds) shelves.changed(slot, book.heldOn(slot));
    },
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

async function shelve({ db }: OpenDatabase, market: readonly MarketNode[]): Promise<Shelves> {
  const { rows } = await sql<{ node_id: string; slot: number }>`select node_id, slot from gpu_nodes`.execute(
    db,
  );
  const slots = new Map(rows.map((row) => [row.node_id, row.slot]));
  const shelves = new Shelves();
  for (const { id, model, gpus, price } of market) {
    const set = gpuSetOf(Array.from({ length: gpus }, (_, index) => index));
    shelves.add(slots.get(id) ?? -1, { model, gpus: set, price });
  }
  return shelves;
}
