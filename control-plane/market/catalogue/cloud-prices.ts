import { type CloudPrice, microUsdPerGpuHour, priceTierSchema } from "@ionet/protocol";
import { z } from "zod";
import { periodCell, readTable, usdCell } from "./read-table.ts";

/** One price of a cloud: USD for all `gpus` for `hours`, as printed at its source on its date. */
const rowSchema = z
  .strictObject({
    provider: z.string().min(1),
    gpuModel: z.string().min(1),
    gpus: z.coerce.number().int().positive(),
    tier: priceTierSchema,
    usd: usdCell,
    hours: z.coerce.number().int().positive(),
    region: z.string().min(1),
    date: periodCell,
    source: z.string().min(1),
    note: z.string(),
  })
  .transform(({ usd, ...row }) => ({ ...row, microUsd: usd }));
export type CataloguePrice = z.output<typeof rowSchema>;

/** The dated catalogue of what clouds ask. */
export const cataloguePrices: readonly CataloguePrice[] = readTable("cloud-prices.csv", rowSchema);

/** A price as printed: micro-USD for so many GPUs for so many hours. */
export type PrintedPrice = { microUsd: bigint; gpus: number; hours: number };

/**
 * What so many GPUs cost for so many hours at this price, in micro-USD. Rounded down once, so that a cloud never looks
 * dearer than it is.
 */
export const costAt = (price: PrintedPrice, gpus: number, hours: number): bigint =>
  (price.microUsd * BigInt(gpus) * BigInt(hours)) / (BigInt(price.gpus) * BigInt(price.hours));

/** Sorts by price per GPU-hour, exactly. */
export function byPrice(a: PrintedPrice, b: PrintedPrice): number {
  const [left, right] = [a.microUsd * BigInt(b.gpus * b.hours), b.microUsd * BigInt(a.gpus * a.hours)];
  return left === right ? 0 : left < right ? -1 : 1;
}

type Dated = PrintedPrice & { provider: string; tier: string; date: string };

/** Of each provider and kind of price the cheapest of its newest date; cheapest provider first. */
export function newestOfEach<Price extends Dated>(prices: readonly Price[]): Price[] {
  const best = new Map<string, Price>();
  for (const price of prices) {
    const key = `${price.provider} ${price.tier}`;
    const other = best.get(key);
    const newer = other === undefined || price.date > other.date;
    if (newer || (price.date === other.date && byPrice(price, other) < 0)) best.set(key, price);
  }
  return [...best.values()].sort(byPrice);
}

/** The clouds that a quote is shown beside; `ionet compare` has them all. */
const wellKnown = ["AWS", "AWS (2023)", "GCP", "Azure", "Lambda", "CoreWeave", "RunPod"];

/** What well-known clouds ask for this model on demand; for all models when none is given. */
export function cloudPricesOf(gpuModel?: string): CloudPrice[] {
  const models =
    gpuModel === undefined ? new Set(cataloguePrices.map((price) => price.gpuModel)) : [gpuModel];
  return [...models].flatMap((model) =>
    newestOfEach(cataloguePrices.filter((price) => price.gpuModel === model))
      .filter(({ tier, provider }) => tier === "on_demand" && wellKnown.includes(provider))
      .sort((a, b) => wellKnown.indexOf(a.provider) - wellKnown.indexOf(b.provider))
      .map((price) => ({
        provider: price.provider,
        gpuModel: price.gpuModel,
        priceMicroUsdPerGpuHour: microUsdPerGpuHour(costAt(price, 1, 1)),
        asOf: price.date,
        source: price.source,
      })),
  );
}
