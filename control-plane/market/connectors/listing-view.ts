import { type ListingView, microUsdPerGpuHour } from "@ionet/protocol";
import { ageDays } from "../catalogue/age.ts";
import { costAt } from "../catalogue/cloud-prices.ts";
import type { Listing } from "./inventory-connector.ts";

/** A listing as it is shown: its price per GPU-hour, and how old that is. */
export function viewOf({ microUsd, hours, date, ...listing }: Listing, nowMs: number): ListingView {
  return {
    ...listing,
    priceMicroUsdPerGpuHour: microUsdPerGpuHour(costAt({ microUsd, hours, gpus: listing.gpus }, 1, 1)),
    asOf: date,
    ageDays: ageDays(date, nowMs),
  };
}
