import { type FreeOffer, suits } from "@ionet/placement";
import type { Demand, MicroUsdPerGpuHour } from "@ionet/protocol";
import type { SupplyForecast } from "./supply-forecast.ts";

/**
 * What could ever be part of what a demand is given: of the supply only that counts. How many GPUs, their suppliers and
 * nodes, and windows, which close, are not looked at.
 */
export const fitting = (supply: SupplyForecast, demand: Demand): SupplyForecast =>
  supply.filter(({ offer }) => fits(offer, demand));

/** The same for demands that are fitted by the same. */
export function fittingKey(demand: Demand): string {
  const {
    gpuCount: _c,
    minSuppliers: _s,
    maxSuppliers: _m,
    maxNodes: _n,
    maxBudgetMicroUsd: _b,
    ...rest
  } = demand;
  return JSON.stringify({ ...rest, maxPriceMicroUsdPerGpuHour: rest.maxPriceMicroUsdPerGpuHour?.toString() });
}

/** Whether an offer, of all its GPUs, fits a demand. */
export function fits(offer: FreeOffer, demand: Demand): boolean {
  const { durationSeconds, currency, interruptible } = demand;
  if (interruptible === true && offer.interruptiblePriceMicroUsdPerGpuHour === null) return false;
  const priced =
    interruptible === true ? { ...offer, priceMicroUsdPerGpuHour: priceFor(offer, demand) } : offer;
  return (
    suits(priced, demand) &&
    offer.bookable &&
    offer.minSeconds <= durationSeconds &&
    durationSeconds <= offer.maxSeconds &&
    offer.currencies.includes(currency)
  );
}

/** What a GPU of an offer costs a demand: an interruptible one what its supplier asks for such leases. */
export const priceFor = (offer: FreeOffer, { interruptible }: Demand): MicroUsdPerGpuHour =>
  (interruptible === true ? offer.interruptiblePriceMicroUsdPerGpuHour : null) ??
  offer.priceMicroUsdPerGpuHour;
