import type { PriceTier } from "@ionet/protocol";
import { type PriceRow, plain, pricedModel } from "./price-row.ts";
import { cell, type SourceRow, sourceTable } from "./source-table.ts";

const providers: Readonly<Record<string, string>> = { "AWS EC2": "AWS", OCI: "Oracle Cloud" };
const tiers: Readonly<Record<string, PriceTier>> = {
  on_demand: "on_demand",
  spot: "spot",
  "6mo": "reserved_6mo",
  "12mo": "reserved_1y",
  "36mo": "reserved_3y",
};

/** The list's own kinds are coarse; the name of what is sold tells board and memory. */
function modelOf(row: SourceRow): string | null {
  const sku = cell(row, "sku");
  const kind = cell(row, "gpu_type");
  if (/^NVIDIA /.test(sku)) return pricedModel(sku, null);
  if (/A100_v4/.test(sku)) return "a100-80gb";
  if (/Tesla A100|A100 GPU/.test(sku)) return /80GB/.test(sku) ? "a100-80gb" : "a100-40gb";
  // Oracle sells A100s of both sizes and names the price by a number.
  if (kind === "A100") return null;
  return pricedModel(kind, null);
}

/** Prices of commitments that are neither by the hour nor for the term the list files them under. */
const isOtherTerm = (sku: string) => /DWS|Calendar Mode/.test(sku);

/** Oracle's number for something else around the same card: a fifth of its other prices for it. */
const isOtherThing = (sku: string) => sku === "B111454";

/** The big clouds' own price lists. */
export function listPrices(folder: string): PriceRow[] {
  return sourceTable(folder, "prices/hyperscaler_gpu_prices_raw_2026-06-15.csv").flatMap((row) => {
    const sku = cell(row, "sku");
    const gpuModel = modelOf(row);
    const tier = tiers[cell(row, "price_tier")];
    if (gpuModel === null || tier === undefined || isOtherTerm(sku) || isOtherThing(sku)) return [];
    const provider = providers[cell(row, "provider")] ?? cell(row, "provider");
    const alone = provider === "GCP" && !/slice/.test(sku);
    return [
      {
        provider,
        gpuModel,
        gpus: 1,
        tier,
        usd: cell(row, "per_gpu_hourly_usd"),
        hours: 1,
        region: cell(row, "region") === "" ? "global" : cell(row, "region"),
        date: cell(row, "fetched_at").slice(0, 10),
        source: plain(`${provider} price list: ${sku}`),
        note: alone ? "the GPU alone; CPU and memory are billed besides" : "",
      },
    ];
  });
}
