import { explainShortage, findOffers } from "@ionet/offer-index";
import type { Answer, Call } from "@ionet/protocol";
import type { Context } from "../../platform/context.ts";
import { pageOf } from "../../platform/http/page.ts";
import type { InventoryConnector } from "../connectors/inventory-connector.ts";
import { askedQuery } from "./asked-query.ts";
import type { DatedIndex } from "./fresh-index.ts";
import { checkGpuModels } from "./known-gpu-model.ts";
import { listedElsewhere } from "./listed-elsewhere.ts";
import { readCursor, writeCursor } from "./search-cursor.ts";

/** What a search needs: the clock that durations are counted from, and the offers. */
export type SearchContext = Pick<Context, "clock"> & {
  freshIndex: () => Promise<DatedIndex>;
  /** The inventories of others. */
  others?: readonly InventoryConnector[];
};

/**
 * What can be hired now and is what the query asks for, in its order; how much of it there is in all; and where that is
 * less than wanted, which condition is tight. Throws `query-unreadable`, `gpu-model-unknown`, `invalid-request`.
 */
export async function searchOffers(
  ctx: SearchContext,
  call: Call<"searchOffers">["query"],
): Promise<Answer<"searchOffers">> {
  const asked = askedQuery(call);
  const { query } = asked;
  const after = call.cursor === undefined ? undefined : readCursor(query, call.cursor);
  const { index, asOfMs } = await ctx.freshIndex();
  checkGpuModels(asked, index.words.gpuModel.words);
  const nowMs = ctx.clock.now();
  const { offers, matching } = findOffers(index, query, nowMs, { count: call.limit + 1, after });
  const page = pageOf(
    offers,
    call.limit,
    ({ place }) => writeCursor(query, place),
    ({ offer }) => offer,
  );
  // Who asks others only is not short of anything here.
  const asksNetwork = query.source === undefined || query.source.includes("network");
  const shortage = asksNetwork ? explainShortage(index, query, nowMs, matching) : null;
  const listed = await listedElsewhere(ctx.others ?? [], query, { nowMs, limit: call.limit });
  return { ...page, matching, shortage, listed, asOf: new Date(asOfMs).toISOString() };
}
