import type { Context } from "../context.ts";
import type { LiveOffers } from "../inventory/live-offers.ts";
import type { InventoryConnector } from "./inventory-connector.ts";

/** What our own nodes can be hired for now, hired ones with nothing free included: their price is known. */
export const networkConnector = (
  ctx: Pick<Context, "clock"> & { offers: LiveOffers },
): InventoryConnector => ({
  name: "network",
  list: async (gpuModels) => ({
    listings: (await ctx.offers.free(gpuModels)).map((offer) => ({
      source: "network",
      provider: offer.supplier,
      gpuModel: offer.gpuModel,
      tier: "on_demand",
      microUsd: offer.priceMicroUsdPerGpuHour,
      gpus: 1,
      hours: 1,
      gpusFree: offer.gpusFree,
      region: offer.country,
      date: new Date(ctx.clock.now()).toISOString(),
      from: offer.nodeId,
      link: null,
      note: "",
      bookable: true,
      simulated: offer.simulated,
    })),
    failure: null,
  }),
});
