import { type KyselyPlugin, sql } from "kysely";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { OpenDatabase } from "../../../platform/database/open.ts";
import { openTestDatabase } from "../../../platform/database/testing/database.ts";
import { releasedLeases } from "../hold-gpus.ts";
import { type Admit, type Allocation, openAllocation } from "./allocation.ts";
import { commitRows } from "./commit.ts";
import { takeLead } from "./lead.ts";
import { addNodes, readHeld } from "./testing/nodes.ts";

let database: OpenDatabase;
let allocation: Allocation<string>;
let nodeNumbers: number[];
const log = { info: () => {}, warn: () => {}, error: () => {} };
const refusal = new Error("refused");
/** Writes an account a order, and refuses those that say so. */
const admit: Admit<string> = async (db, orders) => {
  const answers = [];
  for (const order of orders) {
    if (order === "fail") throw new Error("the database failed");
    answers.push(order.startsWith("refuse") ? refusal : null);
    if (!order.startsWith("refuse"))
      await sql`insert into accounts values (${order}, ${order}, 1)`.execute(db);
  }
  return answers;
};
const open = () => openAllocation({ openConnection: database.openConnection, log }, admit);
/** One whose connections break at these queries. */
function openBreaking(breaks: (query: string) => boolean): Allocation<string> {
  const openConnection = () => {
    const { db, close } = database.openConnection();
    let broken = false;
    const breaking: KyselyPlugin = {
      transformQuery({ node }) {
        broken ||= breaks(JSON.stringify(node));
        if (broken) throw new Error("the connection broke");
        return node;
      },
      transformResult: async ({ result }) => result,
    };
    return { db: db.withPlugin(breaking), close };
  };
  return openAllocation({ openConnection, log }, admit);
}
const mark = (leaseId: string | undefined) =>
  sql`insert into released_leases values (${leaseId})`.execute(database.db);
const marks = () => releasedLeases(database.db);
let leases = 0;
/** Holds the first `gpus` GPUs of a node if they are free. */
const hold = (order: string, nodeNumber: number | undefined, gpus: bigint, by = allocation) => {
  const leaseId = `lea_${++leases}`;
  const asked = [{ leaseId, nodeNumber: nodeNumber ?? -1, gpus }];
  const decide = (heldGpus: { isFree(nodeNumber: number, gpus: bigint): boolean }) =>
    asked.every((one) => heldGpus.isFree(one.nodeNumber, one.gpus)) ? asked : null;
  return by.hold(`res_${leases}`, decide, order);
};
const ordersWritten = async () => {
  const { rows } = await sql<{ id: string }>`
    select id from accounts where id <> 'acc_nodes' order by id`.execute(database.db);
  return rows.map((row) => row.id);
};

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  await allocation?.stop();
  await sql`truncate accounts, released_leases cascade`.execute(database.db);
  nodeNumbers = await addNodes(database.db, 3);
  allocation = open();
});

test("what is answered stands in the rows, with its order, and is not given twice", async () => {
  const answers = await Promise.all(["a", "b", "c"].map((order) => hold(order, nodeNumbers[0], 3n)));
  expect(answers.map((answer) => answer !== null)).toEqual([true, false, false]);
  expect(await hold("d", nodeNumbers[0], 4n)).toHaveLength(1);
  expect(await readHeld(database.db)).toEqual({ byLeases: 3, byNodes: 3, same: true });
  expect(await ordersWritten()).toEqual(["a", "d"]);
});

test("a refused order holds nothing, and the others of its group do", async () => {
  const answers = await Promise.allSettled([
    hold("a", nodeNumbers[0], 1n),
    hold("refuse", nodeNumbers[1], 1n),
    hold("b", nodeNumbers[2], 1n),
  ]);
  expect(answers.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(answers[1]).toMatchObject({ reason: refusal });
  expect(await hold("c", nodeNumbers[1], 1n)).toHaveLength(1);
  expect(await ordersWritten()).toEqual(["a", "b", "c"]);
});

test("a group that fails leaves nothing, and its GPUs can be held again", async () => {
  const answers = await Promise.allSettled([hold("a", nodeNumbers[0], 1n), hold("fail", nodeNumbers[1], 1n)]);
  for (const answer of answers) expect(answer).toMatchObject({ reason: { code: "unavailable" } });
  expect(await readHeld(database.db)).toEqual({ byLeases: 0, byNodes: 0, same: true });
  expect(await hold("b", nodeNumbers[0], 1n)).toHaveLength(1);
  expect(await ordersWritten()).toEqual(["b"]);
});

test("killed between a group's commit and its flush, nobody was answered, and the next writer knows what it holds", async () => {
  let flushes = 0;
  await allocation.stop();
  allocation = openBreaking((query) => query.includes("pg_logical_emit_message") && ++flushes === 2);
  await expect(hold("a", nodeNumbers[0], 1n)).rejects.toMatchObject({ code: "unavailable" });
  expect(await readHeld(database.db)).toEqual({ byLeases: 1, byNodes: 1, same: true });
  expect(await hold("b", nodeNumbers[0], 1n)).toBeNull();
  expect(await hold("c", nodeNumbers[1], 1n)).toHaveLength(1);
  expect(await ordersWritten()).toEqual(["a", "c"]);
});

test("the next writer knows what the last one held, and the last one can write no more", async () => {
  await hold("a", nodeNumbers[0], 1n);
  const connection = database.openConnection();
  const first = await sql<{ token: string }>`select token::text as token from allocation_writer`.execute(
    database.db,
  );
  const token = BigInt(first.rows[0]?.token ?? "");
  await allocation.stop();
  const next = await takeLead(connection.db);
  expect(next?.token).toBe(token + 1n);
  expect(next?.heldGpus.isFree(nodeNumbers[0] ?? 0, 1n)).toBe(false);
  const late = { nodeNumber: nodeNumbers[1] ?? 0, before: 0n, after: 1n, holds: "lea_late:r:1" };
  await expect(commitRows(database.db, token, [late])).rejects.toThrow(
    "another control plane has become the writer",
  );
  expect(await readHeld(database.db)).toEqual({ byLeases: 1, byNodes: 1, same: true });
  await connection.close();
});

test("a lease that another step has marked as released is taken away, and its GPUs are free", async () => {
  const [held] = (await hold("a", nodeNumbers[0], 1n)) ?? [];
  await mark(held?.leaseId);
  expect(await hold("b", nodeNumbers[0], 1n)).toBeNull();
  await allocation.sweep();
  expect(await marks()).toEqual([]);
  expect(await hold("c", nodeNumbers[0], 1n)).toHaveLength(1);
  expect(await readHeld(database.db)).toEqual({ byLeases: 1, byNodes: 1, same: true });
});

test("who has been replaced as the writer without noticing sweeps no marks of what the next one holds", async () => {
  await hold("a", nodeNumbers[0], 1n);
  const { rows } = await sql<{ token: string }>`
    update allocation_writer set token = token + 1 returning token::text`.execute(database.db);
  const next = { nodeNumber: nodeNumbers[1] ?? -1, before: 0n, after: 1n, holds: "lea_next:r:1" };
  await commitRows(database.db, BigInt(rows[0]?.token ?? ""), [next]);
  await mark("lea_next");
  await expect(allocation.sweep()).rejects.toMatchObject({ code: "unavailable" });
  expect(await marks()).toEqual(["lea_next"]);
  await allocation.sweep();
  expect(await marks()).toEqual([]);
  expect(await hold("b", nodeNumbers[1], 1n)).toHaveLength(1);
});

test("killed at any step of a sweep, the next one frees what is marked", async () => {
  for (const step of ["commit_holds", "pg_logical_emit_message", "SelectQueryNode", "DeleteQueryNode"]) {
    await allocation.stop();
    let armed = false;
    allocation = openBreaking((query) => armed && query.includes(step));
    const [held] = (await hold(step, nodeNumbers[0], 1n)) ?? [];
    await mark(held?.leaseId);
    armed = true;
    await expect(allocation.sweep(), step).rejects.toMatchObject({ code: "unavailable" });
    expect(await marks()).toEqual([held?.leaseId]);
    armed = false;
    await allocation.sweep();
    expect(await marks()).toEqual([]);
    expect(await readHeld(database.db)).toEqual({ byLeases: 0, byNodes: 0, same: true });
  }
});

test("a group fails whole where a row is not as the writer left it, or its node is not there", async () => {
  await hold("a", nodeNumbers[0], 2n);
  const { rows } = await sql<{ token: string }>`select token::text from allocation_writer`.execute(
    database.db,
  );
  const row = (
    nodeNumber: number | undefined,
    before: bigint,
    after: bigint,
    holds = `lea_x:r:${after}`,
  ) => ({
    ...{ nodeNumber: nodeNumber ?? -1, before, after, holds },
  });
  const write = (...changed: ReturnType<typeof row>[]) =>
    commitRows(database.db, BigInt(rows[0]?.token ?? ""), changed);
  const right = row(nodeNumbers[1], 0n, 1n);
  for (const wrong of [
    row(nodeNumbers[0], 0n, 1n),
    row(nodeNumbers[0], 3n, 1n),
    row(2_000_000_000, 0n, 1n),
    right,
  ])
    await expect(write(right, wrong)).rejects.toThrow("not what the writer knows");
  expect(await readHeld(database.db)).toEqual({ byLeases: 1, byNodes: 1, same: true });
  await write(right, row(nodeNumbers[0], 2n, 0n, ""));
  expect(await readHeld(database.db)).toEqual({ byLeases: 1, byNodes: 1, same: true });
  expect(await hold("b", nodeNumbers[0], 2n)).toBeNull();
  await expect(hold("c", nodeNumbers[0], 1n)).rejects.toMatchObject({ code: "unavailable" });
  // The next writer begins with the rows.
  expect(await hold("d", nodeNumbers[0], 2n)).toHaveLength(1);
});

test("a row that contradicts itself makes nobody a writer", async () => {
  await allocation.stop();
  for (const holds of ["lea_a:r:1", "lea_a:r:1 lea_b:r:3", "lea_a:r:1 lea_b:r:2 lea_c:r:2", "lea_a:r"]) {
    await sql`update gpu_nodes set held = 3, holds = ${holds} where node_number = ${nodeNumbers[0]}`.execute(
      database.db,
    );
    const connection = database.openConnection();
    await expect(takeLead(connection.db)).rejects.toThrow(/contradicts itself|BigInt/);
    await connection.close();
  }
});
