import { type PriceRow, pricedModel } from "./price-row.ts";
import { cell, sourceTable } from "./source-table.ts";

const names: Readonly<Record<string, string>> = {
  vast: "Vast.ai",
  verda: "Verda",
  hyperbolic: "Hyperbolic",
  runpod: "RunPod",
  lambda: "Lambda",
  nebius: "Nebius",
};

/** The catalogue carries no date. Read in November 2026; a list with a day counts as newer. */
const DATE = "2026";

/** SkyPilot's catalogue: whole machines by place. A spot price of 0.00 means none. */
export function skypilotPrices(folder: string): PriceRow[] {
  return sourceTable(folder, "prices/skypilot_catalog_v8_subset.csv").flatMap((row) => {
    const gpus = Number(cell(row, "AcceleratorCount"));
    const totalMib = cell(row, "TotalGpuMemoryMiB");
    const gpuModel = pricedModel(
      cell(row, "AcceleratorName"),
      totalMib === "" ? null : Number(totalMib) / gpus / 1024,
    );
    const provider = names[cell(row, "Cloud")];
    if (gpuModel === null || provider === undefined) return [];
    const common = {
      provider,
      gpuModel,
      gpus,
      hours: 1,
      region: cell(row, "Region").replace(/^, /, "").replaceAll("|", " "),
      date: DATE,
      source: `skypilot-catalog v8: ${cell(row, "InstanceType")}`,
      note: "the list has no date",
    };
    const price = cell(row, "Price");
    const spot = cell(row, "SpotPrice");
    return [
      ...(price === "" ? [] : [{ ...common, tier: "on_demand" as const, usd: price }]),
      ...(spot === "" || /^0\.?0*$/.test(spot) ? [] : [{ ...common, tier: "spot" as const, usd: spot }]),
    ];
  });
}
