import { type PriceRow, pricedModel } from "./price-row.ts";
import { cell, type SourceRow, sourceTable } from "./source-table.ts";

const DATE = "2025-11-30";

/** Regions that anybody may use: no government's, no local or carrier zones. */
const isPublicRegion = (region: string) => /^[a-z]+-[a-z]+-\d$/.test(region);

/** "320 GB HBM2" is that of all GPUs, "24 GB GDDR6" of one: whichever fits. */
function modelOf(row: SourceRow, gpus: number): string | null {
  const [, total] = /^(\d+) GB/.exec(cell(row, "GpuMemory")) ?? [];
  const name = cell(row, "AcceleratorName");
  // The list's names say nothing of memory, and it writes L40S's smaller shares as L40.
  if (total === undefined) return null;
  return pricedModel(name, Number(total) / gpus) ?? pricedModel(name, Number(total));
}

/** Amazon's instances with whole GPUs: on demand and reserved for a year, by region. */
export function awsPrices(folder: string): PriceRow[] {
  return sourceTable(folder, "prices/aws_gpu_instances.csv").flatMap((row) => {
    const gpus = Number(cell(row, "AcceleratorCount"));
    const region = cell(row, "Region");
    if (!Number.isInteger(gpus) || !isPublicRegion(region)) return [];
    const gpuModel = modelOf(row, gpus);
    if (gpuModel === null) return [];
    const source = `instances.vantage.sh ${cell(row, "InstanceType")}`;
    const common = { provider: "AWS", gpuModel, gpus, hours: 1, region, date: DATE, source, note: "" };
    const onDemand = cell(row, "OnDemandUSDPerHour");
    const reserved = cell(row, "Reserved1yrUSDPerHour");
    return [
      ...(onDemand === "" ? [] : [{ ...common, tier: "on_demand" as const, usd: onDemand }]),
      ...(reserved === "" ? [] : [{ ...common, tier: "reserved_1y" as const, usd: reserved }]),
    ];
  });
}
