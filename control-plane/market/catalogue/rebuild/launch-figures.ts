import type { PriceRow } from "./price-row.ts";

const source = "the network's launch, 2023";
const common = {
  gpuModel: "a100-40gb",
  gpus: 1,
  tier: "on_demand",
  hours: 24,
  region: "global",
  date: "2023",
} as const;

/** The figures the network was announced with: a worked example, not today's prices. */
export const launchPrices: readonly PriceRow[] = [
  { ...common, provider: "AWS (2023)", usd: "59.78", source, note: "as printed, a day" },
  {
    ...common,
    provider: "a cloud (2023)",
    usd: "80",
    source,
    note: "as printed, a day; the memory is not told, taken as 40 GB",
  },
];

/** What an A100 earned its owner a day by mining, as printed then; its power was not told. */
export const launchMining = {
  gpuModel: "a100-40gb",
  algorithm: "",
  coin: "",
  hashrate: "",
  powerWatts: "",
  usdPerDay: "0.52",
  period: "2023",
  basis: "published",
  source,
} as const;
