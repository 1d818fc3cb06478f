import type { AccountId, Answer, Call } from "@ionet/protocol";
import type { Context } from "../../platform/context.ts";
import { readCursor, writeCursor } from "../../platform/http/newest-first.ts";
import { clustersOfAccount } from "./store.ts";
import { clusterView } from "./view.ts";

/** An account's clusters, newest first, a page at a time. */
export async function listClusters(
  ctx: Pick<Context, "db">,
  publicUrl: string,
  accountId: AccountId,
  query: Call<"listClusters">["query"],
): Promise<Answer<"listClusters">> {
  const after = readCursor("cluster", query.cursor);
  const found = await clustersOfAccount(ctx, accountId, { after, limit: query.limit + 1 });
  const page = found.slice(0, query.limit);
  const last = found.length > query.limit ? page.at(-1)?.cluster : undefined;
  return {
    items: await Promise.all(page.map((each) => clusterView(ctx, publicUrl, each))),
    nextCursor: last ? writeCursor(last) : null,
  };
}
