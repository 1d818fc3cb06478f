import { type AccountId, type Answer, type Call, idSchema, problem } from "@ionet/protocol";
import { z } from "zod";
import type { Context } from "../context.ts";
import { pageOf } from "../http/page.ts";
import { requestsOfAccount } from "./store.ts";
import { toView } from "./view.ts";

const cursorSchema = z.tuple([z.number().int(), idSchema("request")]);

/** An account's requests, newest first, a page at a time. */
export async function listRequests(
  ctx: Pick<Context, "db">,
  accountId: AccountId,
  { cursor, limit }: Call<"listRequests">["query"],
): Promise<Answer<"listRequests">> {
  const after = cursor === undefined ? null : readCursor(cursor);
  const found = await requestsOfAccount(ctx.db, accountId, { after, limit: limit + 1 });
  return pageOf(found, limit, writeCursor, toView);
}

const writeCursor = ({ createdAtMs, id }: { createdAtMs: number; id: string }) =>
  Buffer.from(JSON.stringify([createdAtMs, id])).toString("base64url");

function readCursor(cursor: string): { createdAtMs: number; id: string } {
  try {
    const [createdAtMs, id] = cursorSchema.parse(JSON.parse(Buffer.from(cursor, "base64url").toString()));
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
