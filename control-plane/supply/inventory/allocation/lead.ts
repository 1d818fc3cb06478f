import { sql } from "kysely";
import type { Db } from "../../../platform/context.ts";
import { fromColumn } from "./gpu-set.ts";
import { HeldGpus } from "./held-gpus.ts";
import { HeldRows, type WrittenHold } from "./held-rows.ts";

/** To be the writer: a token that fences off all before, the rows as they are, and what is held that they say. */
export type Lead = { token: bigint; rows: HeldRows; heldGpus: HeldGpus };

/**
 * Becomes the writer, or answers null when another is. The lock belongs to this connection and goes with it; the token
 * stops a writer that lost its lock without noticing: raising it waits for the group that such a one has on its way, and
 * all its later groups fail.
 * @param session a connection that stays the same until the lead is given up
 */
export async function takeLead(session: Db): Promise<Lead | null> {
  // The table's own number, so that schemas of one server have a writer each. Taken by this connection before: again.
  const { rows: locks } = await sql<{ locked: boolean }>`
    select pg_try_advisory_lock('allocation_writer'::regclass::oid::bigint) as locked`.execute(session);
  if (locks[0]?.locked !== true) return null;
  const { rows: tokens } = await sql<{ token: string }>`
    update allocation_writer set token = token + 1 returning token::text as token`.execute(session);
  const [raised] = tokens;
  if (raised === undefined) throw new Error("the table allocation_writer has lost its row");
  const { rows, holds } = await readHeldRows(session);
  const heldGpus = new HeldGpus();
  for (const hold of holds) heldGpus.hold(hold);
  return { token: BigInt(raised.token), rows, heldGpus };
}

/** The nodes' rows as they are, and all holds in them. Throws when a row contradicts itself. */
export async function readHeldRows(db: Db): Promise<{ rows: HeldRows; holds: WrittenHold[] }> {
  const rows = new HeldRows();
  const { rows: nodes } = await sql<{ node_number: number; held: string; holds: string }>`
    select node_number, held::text as held, holds from gpu_nodes where held <> 0 or holds <> ''`.execute(db);
  const holds = nodes.flatMap((node) => rows.read(node.node_number, fromColumn(node.held), node.holds));
  return { rows, holds };
}
