import { makeId } from "@ionet/protocol";
import { sql } from "kysely";
import type { OpenDatabase } from "../../control-plane/platform/database/open.ts";
import { commitRows, flushCommits } from "../../control-plane/supply/inventory/allocation/commit.ts";
import { gpuSetOf } from "../../control-plane/supply/inventory/allocation/gpu-set.ts";
import type { Hold } from "../../control-plane/supply/inventory/allocation/held-rows.ts";
import { takeLead } from "../../control-plane/supply/inventory/allocation/lead.ts";
import { readHeld } from "../../control-plane/supply/inventory/allocation/testing/nodes.ts";
import { AllocationWriter } from "../../control-plane/supply/inventory/allocation/writer.ts";
import type { Carrier } from "./gangs.ts";
import type { MarketNode } from "./market.ts";
import { ModelPriceLevels } from "./model-price-levels.ts";
import { randomIdBytes } from "./random-ids.ts";

/** The product's writer on this database, with the market at its price levels. */
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
  const { token, rows, heldGpus } = lead;
  const levels = await levelsOf(database, market);
  for (const nodeNumber of levels.nodeNumbers) levels.changed(nodeNumber, heldGpus.heldOn(nodeNumber));
  const counts = { groups: 0, leases: 0 };
  const writer = new AllocationWriter(heldGpus, {
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
        const shares = levels.cheapest(model, gpus);
        return (
          shares?.map(({ lot, count }) => {
            const { nodeNumber } = lot;
            const held = heldGpus.heldOn(nodeNumber);
            const free = levels.freeOf(lot, held, count);
            levels.changed(nodeNumber, held | free);
            return { leaseId: makeId("lease", bytes()), nodeNumber, gpus: free };
          }) ?? null
        );
      });
      return holds;
    },
    async release(holds) {
      await writer.free(holds.map(({ leaseId }) => leaseId));
      for (const { nodeNumber } of holds) levels.changed(nodeNumber, heldGpus.heldOn(nodeNumber));
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

async function levelsOf({ db }: OpenDatabase, market: readonly MarketNode[]): Promise<ModelPriceLevels> {
  const { rows } = await sql<{ node_id: string; node_number: number }>`
    select node_id, node_number from gpu_nodes`.execute(db);
  const nodeNumbers = new Map(rows.map((row) => [row.node_id, row.node_number]));
  const levels = new ModelPriceLevels();
  for (const { id, model, gpus, price } of market) {
    const set = gpuSetOf(Array.from({ length: gpus }, (_, index) => index));
    levels.add(nodeNumbers.get(id) ?? -1, { model, gpus: set, price });
  }
  return levels;
}
