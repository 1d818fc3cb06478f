import { canonicalGpuModel } from "@ionet/protocol";
import { cloudPricesOf } from "../catalogue/cloud-prices.ts";
import type { Context } from "../context.ts";
import type { Handlers } from "../http/handlers.ts";
import { createFreshIndex } from "./fresh-index.ts";
import { searchOffers } from "./search-offers.ts";

export const searchRoutes = (
  ctx: Pick<Context, "db" | "clock">,
): Handlers<"searchOffers" | "listCloudPrices"> => {
  const search = { clock: ctx.clock, freshIndex: createFreshIndex(ctx) };
  return {
    searchOffers: ({ query }) => searchOffers(search, query),
    listCloudPrices: async ({ query: { gpuModel } }) => ({
      items: cloudPricesOf(gpuModel === undefined ? undefined : canonicalGpuModel(gpuModel)),
    }),
  };
};
