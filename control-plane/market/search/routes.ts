import type { Context } from "../../platform/context.ts";
import type { Handlers } from "../../platform/http/handlers.ts";
import type { LiveOffers } from "../../supply/inventory/live-offers.ts";
import { cloudPricesOf } from "../catalogue/cloud-prices.ts";
import { catalogueConnector } from "../connectors/catalogue-connector.ts";
import type { InventoryConnector } from "../connectors/inventory-connector.ts";
import { createFreshIndex } from "./fresh-index.ts";
import { knownGpuModels } from "./known-gpu-model.ts";
import { searchOffers } from "./search-offers.ts";

/** @param live the inventories of others that are switched on */
export const searchRoutes = (
  ctx: Pick<Context, "clock"> & { offers: LiveOffers },
  live: readonly InventoryConnector[] = [],
): Handlers<"searchOffers" | "listCloudPrices"> => {
  const search = {
    clock: ctx.clock,
    freshIndex: createFreshIndex(ctx.clock, () => ctx.offers.free()),
    others: [catalogueConnector, ...live],
  };
  return {
    searchOffers: ({ query }) => searchOffers(search, query),
    listCloudPrices: async ({ query: { gpuModel } }) => ({
      items: gpuModel === undefined ? cloudPricesOf() : knownGpuModels(gpuModel).flatMap(cloudPricesOf),
    }),
  };
};
