import type { Answer, Call } from "@ionet/protocol";
import type { Context } from "../../platform/context.ts";
import type { Caller } from "../../platform/http/handlers.ts";
import { pageOf } from "../../platform/http/page.ts";
import { toView } from "./node-view.ts";
import { nodesOf } from "./store.ts";

/** The caller's own nodes. */
export async function listNodes(
  ctx: Pick<Context, "db">,
  caller: Caller,
  { cursor = "", limit }: Call<"listNodes">["query"],
): Promise<Answer<"listNodes">> {
  const rows = await nodesOf(ctx, caller.accountId, { after: cursor, limit: limit + 1 });
  return pageOf(rows, limit, (node) => node.id, toView);
}
