import { PGlite } from "@electric-sql/pglite";
import { expect, test } from "vitest";
import { migrate, readMigrations } from "../../../platform/database/migrate.ts";

test("what was held GPU by GPU is held by its node after the migrations, and what was released is marked", async () => {
  const pglite = await PGlite.create("memory://");
  const session = {
    rows: async (text: string) => (await pglite.query<Record<string, unknown>>(text)).rows,
    script: async (text: string) => void (await pglite.exec(text)),
  };
  const all = readMigrations();
  await migrate(
    session,
    all.filter(({ name }) => name < "0040"),
  );
  await pglite.exec(`
    insert into accounts values ('a', 'w', 1);
    insert into nodes (id, account_id, wallet, supplier_kind, public_key, state, enrolled_at_ms)
      values ('one', 'a', 'w', 'miner', '1', 'hired', 1), ('two', 'a', 'w', 'miner', '2', 'hired', 1);
    insert into held_gpus values ('one', 0, 'r', 'l1', false), ('one', 3, 'r', 'l1', false),
      ('two', 63, 'r', 'l2', false), ('one', 1, 'q', 'l3', true), ('one', 2, 'p', 'l4', false)`);
  await migrate(
    session,
    all.filter(({ name }) => name < "0072"),
  );
  await pglite.exec("update gpu_holds set released = true where lease_id = 'l2'");
  await migrate(session, all);
  const { rows: holds } = await pglite.query(`
    select lease_id, reservation_id, node_id, gpus::text, released from gpu_holds join gpu_nodes using (node_number)
    order by lease_id`);
  expect(holds).toEqual([
    { lease_id: "l1", reservation_id: "r", node_id: "one", gpus: "9", released: false },
    { lease_id: "l2", reservation_id: "r", node_id: "two", gpus: (-(2n ** 63n)).toString(), released: true },
    { lease_id: "l4", reservation_id: "p", node_id: "one", gpus: "4", released: false },
  ]);
  const { rows: nodes } = await pglite.query("select held::text, holds from gpu_nodes order by node_id");
  const top = (-(2n ** 63n)).toString();
  expect(nodes).toEqual([
    { held: "13", holds: "l1:r:9 l4:p:4" },
    { held: top, holds: `l2:r:${top}` },
  ]);
  await pglite.close();
});
