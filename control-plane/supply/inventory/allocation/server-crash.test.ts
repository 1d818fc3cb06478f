import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "kysely";
import { expect, test } from "vitest";
import { startPostgres } from "../../../../tools/postgres.ts";
import { openPostgres } from "../../../platform/database/open.ts";
import { openAllocation } from "./allocation.ts";
import { addNodes, readHeld } from "./testing/nodes.ts";

const NODES = 4000;
const GPUS = 64;
const CALLERS = 60;
const CRASHES = 6;
const log = { info: () => {}, warn: () => {}, error: () => {} };

test("whenever the server crashes, all that was answered is in its rows when it is back, and no GPU twice", async ({
  skip,
}) => {
  const server = await startPostgres((line) => console.log(line));
  if (server === null) return skip("no PostgreSQL server on this machine");
  const database = await openPostgres(server.url);
  const { openConnection } = database;
  const allocation = openAllocation({ openConnection, log }, async (_db, orders) => orders.map(() => null));
  try {
    const nodeNumbers = await addNodes(database.db, NODES);
    const answered: string[] = [];
    let next = 0;
    /** Holds one GPU after the other until the server is gone. */
    const call = async () => {
      for (; next < NODES * GPUS; ) {
        const at = next++;
        const hold = {
          leaseId: `lea_${at}`,
          nodeNumber: nodeNumbers[at % NODES] ?? -1,
          gpus: 1n << BigInt(at % GPUS),
        };
        const free = (heldGpus: { isFree(nodeNumber: number, gpus: bigint): boolean }) =>
          heldGpus.isFree(hold.nodeNumber, hold.gpus) ? [hold] : null;
        if ((await allocation.hold("res", free, "order")) !== null) answered.push(hold.leaseId);
      }
    };
    for (let crash = 0; crash < CRASHES; crash++) {
      const before = answered.length;
      const calls = Promise.allSettled(Array.from({ length: CALLERS }, call));
      while (answered.length < before + CALLERS) await sleep(5);
      await sleep(crash * 23);
      await server.crash();
      const outcomes = await calls;
      expect(outcomes.map(({ status }) => status)).toContain("rejected");
      const again = await openPostgres(server.url);
      const { rows } = await sql<{ lease_id: string }>`select lease_id from gpu_holds`.execute(again.db);
      const written = new Set(rows.map((row) => row.lease_id));
      expect(answered.filter((leaseId) => !written.has(leaseId))).toEqual([]);
      expect(await readHeld(again.db)).toMatchObject({ byLeases: written.size, same: true });
      await again.close();
    }
    expect(next).toBeLessThan(NODES * GPUS);
  } finally {
    await allocation.stop();
    await database.close();
    await server.stop();
  }
}, 120_000);
