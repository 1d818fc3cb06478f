import pg from "pg";
import type { Carrier } from "./gangs.ts";
import type { MarketNode } from "./market.ts";

export const PEER = "one SQL transaction each, FOR UPDATE SKIP LOCKED";

/** Connections of the peer: more than the cores have use for, since each waits for the disk. */
const CONNECTIONS = 32;

const reserve = `
  with chosen as (
    select id from peer_gpus where model = $1 and reservation is null
    order by price limit $2 for update skip locked
  )
  update peer_gpus set reservation = $3 from chosen where peer_gpus.id = chosen.id`;
const release = "update peer_gpus set reservation = null where reservation = $1";

/**
 * What the network would do without a writer: the database chooses the cheapest free GPUs, locks them past those that
 * others have locked, and commits; a row a GPU, the best indexes for it, prepared statements.
 */
export async function openPeer(
  url: string,
  market: readonly MarketNode[],
): Promise<Carrier<number> & { close(): Promise<void> }> {
  const pool = new pg.Pool({ connectionString: url, max: CONNECTIONS });
  // Connections may still be on their way to their end when the server is stopped; a broken query fails by itself.
  pool.on("error", () => {});
  await pool.query(`
    create table peer_gpus (id integer primary key, model text not null, price bigint not null, reservation bigint)
    with (fillfactor = 50)`);
  await pool.query(
    `insert into peer_gpus select row_number() over (), model, price, null
     from unnest($1::text[], $2::bigint[], $3::integer[]) as node(model, price, gpus), generate_series(1, gpus)`,
    [market.map((node) => node.model), market.map((node) => node.price), market.map((node) => node.gpus)],
  );
  await pool.query("create index on peer_gpus (model, price) where reservation is null");
  await pool.query("create index on peer_gpus (reservation) where reservation is not null");
  await pool.query("vacuum analyze peer_gpus");
  let last = 0;
  return {
    async reserve(model, gpus) {
      const id = ++last;
      const { rowCount } = await pool.query({ name: "reserve", text: reserve, values: [model, gpus, id] });
      if (rowCount === gpus) return id;
      await pool.query({ name: "release", text: release, values: [id] });
      return null;
    },
    async release(id) {
      await pool.query({ name: "release", text: release, values: [id] });
    },
    close: () => pool.end(),
  };
}
