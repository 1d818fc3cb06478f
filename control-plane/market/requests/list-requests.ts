import type { AccountId, Answer, Call } from "@ionet/protocol";
import type { Context } from "../../platform/context.ts";
import { readCursor, writeCursor } from "../../platform/http/newest-first.ts";
import { pageOf } from "../../platform/http/page.ts";
import { requestsOfAccount } from "./store.ts";
import { toView } from "./view.ts";

/** An account's requests, newest first, a page at a time. */
export async function listRequests(
  ctx: Pick<Context, "db">,
  accountId: AccountId,
  { cursor, limit }: Call<"listRequests">["query"],
): Promise<Answer<"listRequests">> {
  const after = readCursor("request", cursor);
  const found = await requestsOfAccount(ctx.db, accountId, { after, limit: limit + 1 });
  return pageOf(found, limit, writeCursor, toView);
}
