import { execFileSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { Problem } from "@ionet/protocol";
import { sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startPostgres } from "../../../../tools/postgres.ts";
import type { Db } from "../../../platform/context.ts";
import { openPostgres } from "../../../platform/database/open.ts";
import { openAllocation } from "./allocation.ts";
import { addNodes, readHeld } from "./testing/nodes.ts";

const LIMIT_MS = 600;
/** A caller may wait for the limits of a query, of its undoing, and of new connections, one after the other. */
const LONGEST_MS = 10 * LIMIT_MS;
const log = { info: () => {}, warn: () => {}, error: () => {} };

const NO_SERVER = "no PostgreSQL server on this machine";

let server: Awaited<ReturnType<typeof startPostgres>> = null;
beforeAll(async () => {
  server = await startPostgres((line) => console.log(line));
});
afterAll(() => server?.stop());

/** A database of its own with three nodes, and a writer that writes an account an order. */
async function openMarket(url: string, schema: string) {
  const { db, openConnection, close } = await openPostgres(url, schema);
  const nodeNumbers = await addNodes(db, 3);
  const allocation = openAllocation<string>(
    { openConnection: () => openConnection(LIMIT_MS), log },
    async (tx, orders) => {
      for (const order of orders) await sql`insert into accounts values (${order}, ${order}, 1)`.execute(tx);
      return orders.map(() => null);
    },
  );
  let leases = 0;
  /** Holds the first GPU of a node if it is free; what became of it, and whether it took too long. */
  async function hold(
    order: string,
    nodeNumber: number,
  ): Promise<"held" | "taken" | "unavailable" | "too long"> {
    const asked = [{ leaseId: `lea_${++leases}`, nodeNumber: nodeNumbers[nodeNumber] ?? -1, gpus: 1n }];
    const holding = allocation
      .hold(
        "res",
        (heldGpus) =>
          asked.every(({ nodeNumber, gpus }) => heldGpus.isFree(nodeNumber, gpus)) ? asked : null,
        order,
      )
      .then((chosen) => (chosen === null ? ("taken" as const) : ("held" as const)))
      .catch((error) => {
        if (error instanceof Problem && error.code === "unavailable") return "unavailable" as const;
        throw error;
      });
    return Promise.race([holding, sleep(LONGEST_MS, "too long" as const)]);
  }
  /** As an engineer does who is told that it is unavailable: the same again, until it is answered. */
  async function holdAtLast(order: string, nodeNumber: number) {
    for (const begunMs = performance.now(); performance.now() - begunMs < 2 * LONGEST_MS; await sleep(50)) {
      const answer = await hold(order, nodeNumber);
      if (answer !== "unavailable") return answer;
    }
    return "unavailable";
  }
  const end = async () => {
    await allocation.stop();
    await close();
  };
  return { db, hold, holdAtLast, end };
}

/** The processes of the server that serve one of a writer's two connections, or all there are. */
async function pidsOf(db: Db, what: "writing" | "flushing" | "all"): Promise<number[]> {
  const { rows } = await sql<{ pid: number; does: string }>`
    select pid, case
      when exists (select 1 from pg_locks where locktype = 'advisory' and pid = activity.pid) then 'writing'
      when query like '%pg_logical_emit_message%' and pid <> pg_backend_pid() then 'flushing' else '' end as does
    from pg_stat_activity as activity where backend_type = 'client backend'`.execute(db);
  if (what !== "all") return rows.filter(({ does }) => does === what).map(({ pid }) => pid);
  // The one they are children of takes new connections.
  const parent = execFileSync("ps", ["-o", "ppid=", "-p", String(rows[0]?.pid)]);
  return [Number(parent.toString()), ...rows.map(({ pid }) => pid)];
}

test.for<[of: "writing" | "flushing" | "all", meanwhile: string, after: string, held: number]>([
  // Its lock is still that of a connection that may write: nobody takes the lead before the server has closed it.
  ["writing", "unavailable", "held", 2],
  // What was committed stands, though nobody was told of it; a new writer begins at once.
  ["flushing", "held", "taken", 3],
  ["all", "unavailable", "held", 2],
])(
  "a server that is silent (%s) keeps nobody waiting, and the next writer begins with the rows",
  async ([of, meanwhile, after, held], { skip }) => {
    if (server === null) return skip(NO_SERVER);
    const { db, hold, holdAtLast, end } = await openMarket(server.url, `silent_${of}`);
    expect(await hold("a", 0)).toBe("held");
    const silent = await pidsOf(db, of);
    expect(silent.length).toBeGreaterThanOrEqual(of === "all" ? 4 : 1);
    try {
      for (const pid of silent) process.kill(pid, "SIGSTOP");
      expect(await hold("b", 1)).toBe("unavailable");
      expect(await hold("c", 2)).toBe(meanwhile);
    } finally {
      for (const pid of silent) process.kill(pid, "SIGCONT");
    }
    expect([await holdAtLast("d", 0), await holdAtLast("e", 1)]).toEqual(["taken", after]);
    expect(await readHeld(db)).toEqual({ byLeases: held, byNodes: held, same: true });
    await end();
  },
);

test("a group whose commit takes longer than the limit is answered to nobody, and is known to the next writer", async ({
  skip,
}) => {
  if (server === null) return skip(NO_SERVER);
  const { db, hold, holdAtLast, end } = await openMarket(server.url, "slow_commit");
  await sql`create function sleep_at_commit() returns trigger language plpgsql
    as 'begin perform pg_sleep(${sql.lit((6 * LIMIT_MS) / 1000)}); return null; end'`.execute(db);
  await sql`create constraint trigger slow after insert on accounts deferrable initially deferred
    for each row when (new.id = 'slow') execute function sleep_at_commit()`.execute(db);
  expect(await hold("slow", 0)).toBe("unavailable");
  expect(await readHeld(db)).toMatchObject({ byLeases: 0 });
  expect(await hold("a", 1)).toBe("unavailable");
  expect(await holdAtLast("b", 0)).toBe("taken");
  expect(await holdAtLast("c", 1)).toBe("held");
  const { rows } = await sql<{ id: string }>`
    select id from accounts where id <> 'acc_nodes' order by id`.execute(db);
  expect(rows.map(({ id }) => id)).toEqual(["c", "slow"]);
  expect(await readHeld(db)).toEqual({ byLeases: 2, byNodes: 2, same: true });
  await end();
});

test("the server itself ends a writer's connection that the network has cut", async ({ skip }) => {
  if (server === null) return skip(NO_SERVER);
  const { openConnection, close } = await openPostgres(server.url, "cut");
  const own = openConnection();
  const { rows } =
    await sql`select name, setting from pg_settings where name like 'tcp_keepalives%' order by name`.execute(
      own.db,
    );
  expect(rows).toEqual([
    { name: "tcp_keepalives_count", setting: "3" },
    { name: "tcp_keepalives_idle", setting: "30" },
    { name: "tcp_keepalives_interval", setting: "10" },
  ]);
  await own.close();
  await close();
});
