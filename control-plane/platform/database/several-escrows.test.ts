import { PGlite } from "@electric-sql/pglite";
import { expect, test } from "vitest";
import { migrate, readMigrations } from "./migrate.ts";

test("a reservation, its cluster and its money from before there were several escrows become the first of their lists", async () => {
  const database = await PGlite.create("memory://");
  const session = {
    rows: async (text: string) => (await database.query<Record<string, unknown>>(text)).rows,
    script: async (text: string) => void (await database.exec(text)),
  };
  const migrations = readMigrations();
  const at = migrations.findIndex(({ name }) => name === "0030_several_escrows");
  await migrate(session, migrations.slice(0, at));
  await database.exec(`
    insert into accounts values ('acc', 'wallet', 1);
    insert into quotes (id, account_id, demand, leases, fee_bps, deposit, expires_at_ms)
      values ('quo', 'acc', '{}', '[{}, {}]', 200, 800, 1);
    insert into reservations (id, account_id, wallet, quote_id, cluster_id, state, escrow_address, escrow_number, mint,
      deposit, fee_bps, leases, created_at_ms, expires_at_ms)
      values ('res', 'acc', 'wallet', 'quo', 'clu', 'funded', 'esc', 9223372036854775807, 'mint', 800, 200, '[{}, {}]', 1, 2);
    insert into escrows values ('esc', 'res', 'clu', 'acc', 'wallet', 'mint', 800, 200, 60, 7, 1, '[{}, {}]', 'funded',
      null, 1, 2, null);
    insert into clusters (id, account_id, escrow, state, ray_token, created_at_ms)
      values ('clu', 'acc', 'esc', 'ready', 'secret', 2);
    insert into leases (id, cluster_id, index, node_id, role, agreed, max_seconds, phase, assigned_at_ms)
      values ('l0', 'clu', 0, 'nod', 'head', '{}', 60, 'joined', 2), ('l1', 'clu', 1, 'nod', 'worker', '{}', 60, 'joined', 2);
    insert into readings values ('esc', 'clu', 'meter', '', '', '[]', false, 3);
    insert into settlements (escrow, cluster_id, state, deposited, last_paid_at_ms) values ('esc', 'clu', 'open', 800, 3);
  `);
  await migrate(session, migrations);
  expect(await session.rows("select escrows, deposit from reservations")).toEqual([
    {
      escrows: [
        { address: "esc", number: "9223372036854775807", deposit: "800", firstLease: 0, leaseCount: 2 },
      ],
      deposit: "800",
    },
  ]);
  expect(await session.rows("select escrow, escrow_index from leases order by index")).toEqual([
    { escrow: "esc", escrow_index: 0 },
    { escrow: "esc", escrow_index: 1 },
  ]);
  expect(await session.rows("select position from escrows")).toEqual([{ position: 0 }]);
  // And another escrow of the same cluster is not refused any more.
  await database.exec(`
    insert into readings values ('esc 2', 'clu', 'meter', '', '', '[]', false, 3);
    insert into settlements (escrow, cluster_id, state, deposited, last_paid_at_ms) values ('esc 2', 'clu', 'open', 1, 3);
  `);
  await database.close();
});
