import { launchMining } from "./launch-figures.ts";
import { plain, pricedModel } from "./price-row.ts";
import { cell, sourceTable } from "./source-table.ts";

function basisOf(kind: string): string {
  if (kind.startsWith("measured")) return "measured";
  if (kind.startsWith("reported")) return "published";
  return kind.startsWith("page claim") ? "claimed" : "table";
}

/** What cards earn, or at least hash, by mining. Models that the market does not know are left out. */
export function miningRows(folder: string): Record<string, string>[] {
  const rows = sourceTable(folder, "mining_revenue_reference.csv").flatMap((row) => {
    const gpuModel = pricedModel(cell(row, "gpu"), null);
    if (gpuModel === null) return [];
    const hashrate = cell(row, "hashrate");
    return [
      {
        gpuModel,
        algorithm: cell(row, "algorithm"),
        coin: cell(row, "coin"),
        hashrate: hashrate === "" ? "" : `${hashrate} ${cell(row, "hashrate_unit")}`,
        powerWatts: cell(row, "power_w"),
        usdPerDay: cell(row, "revenue_usd_per_day"),
        period: cell(row, "period"),
        basis: basisOf(cell(row, "kind")),
        source: plain(cell(row, "source")),
      },
    ];
  });
  return [launchMining, ...rows].sort((a, b) =>
    `${a.gpuModel} ${a.period} ${a.algorithm}` < `${b.gpuModel} ${b.period} ${b.algorithm}` ? -1 : 1,
  );
}
