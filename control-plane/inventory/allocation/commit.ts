import { sql } from "kysely";
import type { Db } from "../../context.ts";
import { toColumn } from "./gpu-set.ts";
import type { WrittenHold } from "./writer.ts";

/**
 * Writes one group in one transaction, as the writer with this token; answers which leases it swept. Throws, with nothing
 * written, when another has become the writer (SQLSTATE IOF01), or when a GPU is held already (23P01).
 */
export async function commitGroup(
  db: Db,
  token: bigint,
  { holds, freed }: { holds: readonly WrittenHold[]; freed: readonly string[] },
): Promise<string[]> {
  // Ids are letters, digits and underscores, so an array of them needs no quoting.
  const list = (values: readonly (string | number)[]) => `{${values.join(",")}}`;
  const { rows } = await sql<{ swept: string[] }>`
    select commit_allocations(
      ${token.toString()}::bigint,
      cast(${list(freed)}::text as text[]),
      cast(${list(holds.map((hold) => hold.leaseId))}::text as text[]),
      cast(${list(holds.map((hold) => hold.reservationId))}::text as text[]),
      cast(${list(holds.map((hold) => hold.slot))}::text as integer[]),
      cast(${list(holds.map((hold) => toColumn(hold.gpus)))}::text as bigint[])
    ) as swept`.execute(db);
  return rows[0]?.swept ?? [];
}
