import { sql } from "kysely";
import { expect, test } from "vitest";
import { openTestDatabase } from "../../platform/database/testing/database.ts";
import { addNodes } from "./allocation/testing/nodes.ts";
import { createHeldNow } from "./held-now.ts";

test("where another is the writer, a large network's rows are read again after a second, a small one's always", async () => {
  const database = await openTestDatabase();
  const [nodeNumber = -1] = await addNodes(database.db, 1);
  let nowMs = 0;
  const heldNow = createHeldNow({ db: database.db, clock: { now: () => nowMs } }, { heldGpus: () => null });
  const write = (held: number) =>
    sql`update gpu_nodes set held = ${held}, holds = ${`a:r:${held}`}`.execute(database.db);
  const held = async (nodes: number) => (await heldNow(nodes))(nodeNumber);
  await write(1);
  expect(await held(1001)).toBe(1n);
  await write(2);
  nowMs = 999;
  expect(await held(1001)).toBe(1n);
  nowMs = 1000;
  expect(await held(1001)).toBe(2n);
  await write(4);
  expect(await held(1000)).toBe(4n);
  await database.close();
});
