import { idSchema, problem } from "@ionet/protocol";
import { sql } from "kysely";
import { z } from "zod";

/** Where a row stands in a list that shows the newest first, of equal age by id: what a cursor of such a list holds. */
export type ListPosition = { createdAtMs: number; id: string };

/** The cursor after this row. */
export const writeCursor = ({ createdAtMs, id }: ListPosition): string =>
  Buffer.from(JSON.stringify([createdAtMs, id])).toString("base64url");

/** The row after which a list goes on; null begins it. Throws `invalid-request` for what no such list has given. */
export function readCursor(
  kind: Parameters<typeof idSchema>[0],
  cursor: string | undefined,
): ListPosition | null {
  if (cursor === undefined) return null;
  try {
    const [createdAtMs, id] = z
      .tuple([z.number().int(), idSchema(kind)])
      .parse(JSON.parse(Buffer.from(cursor, "base64url").toString()));
    return { createdAtMs, id };
  } catch {
    throw problem("invalid-request", {
      field: "cursor",
      given: cursor,
      allowed: "a nextCursor of an earlier answer",
      detail: "the cursor is none that this list has given",
      next: "Ask without a cursor for the first page.",
    });
  }
}

/** The rows that come after that place, of a table with `created_at_ms` and `id`. */
export const comesAfter = ({ createdAtMs, id }: ListPosition) =>
  sql<boolean>`(created_at_ms < ${createdAtMs} or (created_at_ms = ${createdAtMs} and id > ${id}))`;
