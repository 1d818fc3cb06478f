import { type AccountId, type Answer, type Call, idSchema, problem } from "@ionet/protocol";
import { z } from "zod";
import type { Context } from "../context.ts";
import { clustersOfAccount } from "./store.ts";
import { clusterView } from "./view.ts";

const cursorSchema = z.tuple([z.number().int(), idSchema("cluster")]);

/** An account's clusters, newest first, a page at a time. */
export async function listClusters(
  ctx: Pick<Context, "db">,
  publicUrl: string,
  accountId: AccountId,
  query: Call<"listClusters">["query"],
): Promise<Answer<"listClusters">> {
  const after = query.cursor === undefined ? null : readCursor(query.cursor);
  const found = await clustersOfAccount(ctx, accountId, { after, limit: query.limit + 1 });
  const page = found.slice(0, query.limit);
  const last = found.length > query.limit ? page.at(-1)?.cluster : undefined;
  return {
    items: await Promise.all(page.map((each) => clusterView(ctx, publicUrl, each))),
    nextCursor: last ? writeCursor(last) : null,
  };
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
      detail: "The cursor is none that this list has given.",
      next: "Ask without a cursor for the first page.",
    });
  }
}
