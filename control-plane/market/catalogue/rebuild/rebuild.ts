import { awsPrices } from "./aws.ts";
import { launchPrices } from "./launch-figures.ts";
import { miningRows } from "./mining-rows.ts";
import { listPrices } from "./price-lists.ts";
import { cheapestEach, sorted } from "./price-row.ts";
import { pagePrices } from "./provider-pages.ts";
import { skypilotPrices } from "./skypilot.ts";
import { tariffRows } from "./tariffs.ts";
import { csvText } from "./write-csv.ts";

const priceTitles = [
  "provider",
  "gpuModel",
  "tier",
  "usd",
  "gpus",
  "hours",
  "region",
  "date",
  "source",
  "note",
];
const tariffTitles = ["code", "country", "customer", "usdPerKwh", "period", "source", "reliability"];
const miningTitles = [
  "gpuModel",
  "algorithm",
  "coin",
  "hashrate",
  "powerWatts",
  "usdPerDay",
  "period",
  "basis",
  "source",
];

/** The catalogues' files and their text, made of the source files in a folder. Same sources, same bytes. */
export function rebuildCatalogues(folder: string): Record<string, string> {
  const prices = [awsPrices, listPrices, pagePrices, skypilotPrices].flatMap((read) => read(folder));
  return {
    "cloud-prices.csv": csvText(priceTitles, sorted(cheapestEach([...launchPrices, ...prices]))),
    "electricity.csv": csvText(tariffTitles, tariffRows(folder)),
    "mining.csv": csvText(miningTitles, miningRows(folder)),
  };
}
