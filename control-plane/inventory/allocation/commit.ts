import { sql } from "kysely";
import type { Db } from "../../context.ts";
import { toColumn } from "./gpu-set.ts";
import type { WrittenHold } from "./writer.ts";

/**
 * Writes one group in one transaction, as the writer with this token; answers which leases it swept. Throws, with nothing
 * written, when another has become the writer (SQLSTATE IOF01), or when a GPU is held already (23P01).
 *
 * The commit does not wait for the disk: all see the group once this is answered, and a crash of the server may still take
 * it away, with all that was committed after it. Nobody is to be told of it before flushCommits.
 */
export async function commitGroup(
  db: Db,
  token: bigint,
  { holds, freed }: { holds: readonly WrittenHold[]; freed: readonly string[] },
): Promise<string[]> {
  // Ids are letters, digits and underscores, so an array of them needs no quoting.
  const list = (values: readonly (string | number)[]) => `{${values.join(",")}}`;
  // The setting is this transaction's alone.
  const { rows } = await sql<{ swept: string[] }>`
    select set_config('synchronous_commit', 'off', true), commit_allocations(
      ${token.toString()}::bigint,
      cast(${list(freed)}::text as text[]),
      cast(${list(holds.map((hold) => hold.leaseId))}::text as text[]),
      cast(${list(holds.map((hold) => hold.reservationId))}::text as text[]),
      cast(${list(holds.map((hold) => hold.slot))}::text as integer[]),
      cast(${list(holds.map((hold) => toColumn(hold.gpus)))}::text as bigint[])
    ) as swept`.execute(db);
  return rows[0]?.swept ?? [];
}

/**
 * Makes durable all that was committed before, by whomever: a record of its own in the log, committed as the server is set
 * to commit. The log is written in order, so what stands before the record is on the disk, and on the standbys that
 * the server waits for, when this is answered.
 * @param db a connection that was open before what it is to make durable was committed, and is not replaced when it
 *   breaks: after a crash of the server another one would flush a log from which that is gone
 */
export async function flushCommits(db: Db): Promise<void> {
  await sql`select pg_logical_emit_message(true, 'ionet', '')`.execute(db);
}
