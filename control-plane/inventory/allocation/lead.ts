import { sql } from "kysely";
import type { Db } from "../../context.ts";
import { AllocationBook } from "./book.ts";
import { fromColumn } from "./gpu-set.ts";

/** To be the writer: a token that fences off all before, and the book as the rows say it is. */
export type Lead<Terms> = { token: bigint; book: AllocationBook<Terms> };

/**
 * Becomes the writer, or answers null when another is. The lock belongs to this connection and goes with it; the token
 * stops a writer that lost its lock without noticing: raising it waits for the group that such a one has on its way, and
 * all its later groups fail.
 * @param session a connection that stays the same until the lead is given up
 */
export async function takeLead<Terms>(session: Db): Promise<Lead<Terms> | null> {
  // The table's own number, so that schemas of one server have a writer each. Taken by this connection before: again.
  const { rows: locks } = await sql<{ locked: boolean }>`
    select pg_try_advisory_lock('allocation_writer'::regclass::oid::bigint) as locked`.execute(session);
  if (locks[0]?.locked !== true) return null;
  const { rows: tokens } = await sql<{ token: string }>`
    update allocation_writer set token = token + 1 returning token::text as token`.execute(session);
  const [raised] = tokens;
  if (raised === undefined) throw new Error("the table allocation_writer has lost its row");
  const book = new AllocationBook<Terms>();
  const { rows: holds } = await sql<{ lease_id: string; slot: number; gpus: string }>`
    select lease_id, slot, gpus::text as gpus from gpu_holds`.execute(session);
  for (const { lease_id, slot, gpus } of holds)
    book.hold({ leaseId: lease_id, slot, gpus: fromColumn(gpus) });
  return { token: BigInt(raised.token), book };
}
