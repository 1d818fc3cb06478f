import type { FreeOffer } from "@ionet/placement";
import type { Context } from "../../platform/context.ts";
import type { LiveOffers } from "../../supply/inventory/live-offers.ts";
import type { InventoryConnector, Listing } from "./inventory-connector.ts";

/**
 * What our own nodes can be hired for now, hired ones with nothing free included: their price is known. An offer that also
 * has an interruptible price is listed at both; the GPUs are the same.
 */
export const networkConnector = (
  ctx: Pick<Context, "clock"> & { offers: LiveOffers },
): InventoryConnector => ({
  name: "network",
  list: async (gpuModels) => {
    const offers = await ctx.offers.free(gpuModels);
    const date = new Date(ctx.clock.now()).toISOString();
    return { listings: offers.flatMap((offer) => listingsOf(offer, date)), failure: null };
  },
});

function listingsOf(offer: FreeOffer, date: string): Listing[] {
  const interruptible = offer.interruptiblePriceMicroUsdPerGpuHour;
  const listing = {
    source: "network",
    provider: offer.supplier,
    gpuModel: offer.gpuModel,
    gpus: 1,
    hours: 1,
    gpusFree: offer.gpusFree,
    region: offer.country,
    date,
    from: offer.nodeId,
    link: null,
    bookable: true,
    simulated: offer.simulated,
  };
  return [
    { ...listing, tier: "on_demand", microUsd: offer.priceMicroUsdPerGpuHour, note: "" },
    ...(interruptible === null
      ? []
      : [{ ...listing, tier: "spot" as const, microUsd: interruptible, note: "interruptible" }]),
  ];
}
