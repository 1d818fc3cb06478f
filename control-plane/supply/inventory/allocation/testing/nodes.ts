import { sql } from "kysely";
import type { Db } from "../../../../platform/context.ts";

/** Writes `count` nodes without more than a row; answers their numbers. */
export async function addNodes(db: Db, count: number): Promise<number[]> {
  await sql`insert into accounts values ('acc_nodes', 'nodes', 0) on conflict do nothing`.execute(db);
  await sql`
    insert into nodes (id, account_id, wallet, supplier_kind, public_key, state, enrolled_at_ms)
    select 'nod_' || n, 'acc_nodes', 'nodes', 'miner', convert_to(n::text, 'UTF8'), 'available', 0
    from generate_series(1, ${count}::integer) as n`.execute(db);
  const { rows } = await sql<{ node_number: number }>`
    select node_number from gpu_nodes order by node_number`.execute(db);
  return rows.map((row) => row.node_number);
}

/** What the rows say: how many GPUs are held by leases, by nodes, and whether the two name the same. */
export async function readHeld(db: Db): Promise<{ byLeases: number; byNodes: number; same: boolean }> {
  const { rows } = await sql<{ by_leases: number; by_nodes: number; wrong: number }>`
    with leased as (select node_number, bit_or(gpus) as gpus, sum(gpus) as total from gpu_holds group by node_number)
    select (select coalesce(sum(bit_count(gpus::bit(64))), 0)::integer from gpu_holds) as by_leases,
      (select coalesce(sum(bit_count(held::bit(64))), 0)::integer from gpu_nodes) as by_nodes,
      (select count(*)::integer from gpu_nodes full join leased using (node_number)
        where coalesce(held, 0) <> coalesce(gpus, 0) or total <> gpus) as wrong`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error("no answer");
  return { byLeases: row.by_leases, byNodes: row.by_nodes, same: row.wrong === 0 };
}
