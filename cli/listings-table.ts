import type { ListingView } from "@ionet/protocol";
import { priceText } from "./money-text.ts";
import { table } from "./table.ts";

/** Whose GPUs they are, what they cost, when that was so, and where they can be had. */
export const listingsTable = (items: readonly ListingView[]): string =>
  table(
    ["provider", "GPU", "price", ">$/GPU-hour", ">free", "where", "price of", "bookable", "note"],
    items.map((item) => [
      item.provider,
      item.gpuModel,
      item.tier.replace("_", " "),
      priceText(item.priceMicroUsdPerGpuHour),
      item.gpusFree === null ? "" : String(item.gpusFree),
      item.region,
      item.asOf.slice(0, 16).replace("T", " "),
      item.bookable ? `here${item.simulated ? " (simulated)" : ""}` : (item.link ?? "there"),
      item.note,
    ]),
  );
