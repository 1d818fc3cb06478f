import { chmodSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DatabaseFolderInUse } from "./folder-in-use.ts";
import { migrate, type SqlSession } from "./migrate.ts";
import { openPglite } from "./open.ts";
import { openTestDatabase } from "./testing/database.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ionet-database-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("a folder held by a live process is refused with what to do", async () => {
  const first = await openPglite(folder);
  await expect(openPglite(folder)).rejects.toThrow(DatabaseFolderInUse);
  await expect(openPglite(folder)).rejects.toThrow(/DATABASE_URL/);
  await first.close();
  await (await openPglite(folder)).close();
});

test("what was written is there after closing and opening again", async () => {
  const first = await openPglite(folder);
  await sql`insert into accounts values ('acc_1', 'w', 1)`.execute(first.db);
  await first.close();
  const second = await openPglite(folder);
  const { rows } = await sql<{ id: string }>`select id from accounts`.execute(second.db);
  await second.close();
  expect(rows).toEqual([{ id: "acc_1" }]);
});

test("nobody but its owner gets into the database's folder, also when it was open before", async () => {
  const mode = () => (statSync(join(folder, "database")).mode & 0o777).toString(8);
  await (await openPglite(folder)).close();
  expect(mode()).toBe("700");
  chmodSync(join(folder, "database"), 0o755);
  await (await openPglite(folder)).close();
  expect(mode()).toBe("700");
});

test("times are numbers, amounts are text, bytes are bytes and JSON is parsed, on PGlite and on a server alike", async () => {
  const { db, close } = await openTestDatabase();
  const wire = JSON.stringify({ a: [1] });
  const { rows } = await sql<Record<string, unknown>>`
    select ${1700000000000}::bigint as t, ${2n ** 64n - 1n}::numeric(20,0) as amount,
           ${new Uint8Array([1, 2])}::bytea as b, ${wire}::jsonb as j, count(*) as n from accounts`.execute(
    db,
  );
  await close();
  const row = rows[0] ?? {};
  expect(row.t).toBe(1_700_000_000_000);
  expect(row.amount).toBe("18446744073709551615");
  expect(row.b).toBeInstanceOf(Uint8Array);
  expect(Buffer.from(row.b as Uint8Array)).toEqual(Buffer.from([1, 2]));
  expect(row.j).toEqual({ a: [1] });
  expect(row.n).toBe(0);
});

test("transactions of concurrent callers do not mix, and a failed one leaves nothing", async () => {
  const { db, close } = await openTestDatabase();
  const insert = (id: string, fail: boolean) =>
    db.transaction().execute(async (tx) => {
      await sql`insert into accounts values (${id}, ${id}, 1)`.execute(tx);
      if (fail) throw new Error("no");
    });
  const outcomes = await Promise.allSettled(
    Array.from({ length: 10 }, (_, i) => insert(`acc_${i}`, i % 2 === 1)),
  );
  const { rows } = await sql<{ id: string }>`select id from accounts order by id`.execute(db);
  await close();
  expect(outcomes.filter((o) => o.status === "fulfilled")).toHaveLength(5);
  expect(rows.map((row) => row.id)).toEqual(["acc_0", "acc_2", "acc_4", "acc_6", "acc_8"]);
});

test("a migration is recorded with its wording, applied once, and refused when it was reworded", async () => {
  const ran: string[] = [];
  let recorded: Record<string, unknown>[] = [];
  const session: SqlSession = {
    rows: async () => recorded,
    script: async (text) => {
      ran.push(text);
      const match = /values \('(\w+)', '(\w+)'\)/.exec(text);
      if (match) recorded = [...recorded, { name: match[1], sha256: match[2] }];
    },
  };
  await migrate(session, [{ name: "0001_a", text: "select 1" }]);
  await migrate(session, [{ name: "0001_a", text: "select 1" }]);
  expect(ran.filter((text) => text.startsWith("select 1"))).toHaveLength(1);
  await expect(migrate(session, [{ name: "0001_a", text: "select 2" }])).rejects.toThrow("migration-changed");
});
