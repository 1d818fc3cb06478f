import { sql } from "kysely";
import type { Db } from "../../../platform/context.ts";
import { toColumn } from "./gpu-set.ts";
import type { ChangedRow } from "./held-rows.ts";

/**
 * Writes the rows that one group changes, all or none, as the writer with this token. Throws, with nothing written, when
 * another has become the writer (SQLSTATE IOF01), which is asked without any rows too, or when a row is not as the writer
 * left it (23P01).
 *
 * The commit does not wait for the disk: all see the group once this is answered, and a crash of the server may still take
 * it away, with all that was committed after it. Nobody is to be told of it before flushCommits.
 */
export async function commitRows(db: Db, token: bigint, rows: readonly ChangedRow[]): Promise<void> {
  // Put together in one go: tens of thousands of rows a second go this way.
  let [nodeNumbers, before, after, holders] = ["", "", "", ""];
  for (const row of rows) {
    const comma = nodeNumbers === "" ? "" : ",";
    nodeNumbers += `${comma}${row.nodeNumber}`;
    before += `${comma}${toColumn(row.before)}`;
    after += `${comma}${toColumn(row.after)}`;
    holders += `${comma}"${row.holds}"`;
  }
  // The setting is this transaction's alone.
  await sql`
    select set_config('synchronous_commit', 'off', true), commit_holds(
      ${token.toString()}::bigint,
      cast(${`{${nodeNumbers}}`}::text as integer[]),
      cast(${`{${before}}`}::text as bigint[]),
      cast(${`{${after}}`}::text as bigint[]),
      cast(${`{${holders}}`}::text as text[])
    )`.execute(db);
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
