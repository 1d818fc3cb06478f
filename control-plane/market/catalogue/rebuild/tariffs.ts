import { plain } from "./price-row.ts";
import { cell, sourceTable } from "./source-table.ts";

/** Electricity by country or US state and kind of customer. */
export function tariffRows(folder: string): Record<string, string>[] {
  return sourceTable(folder, "electricity_prices.csv")
    .map((row) => ({
      code: cell(row, "code"),
      country: plain(cell(row, "country")),
      // The American statistics say commercial for what others call business.
      customer: cell(row, "customer") === "commercial" ? "business" : cell(row, "customer"),
      usdPerKwh: cell(row, "usd_per_kwh"),
      period: cell(row, "period"),
      source: plain(cell(row, "source")),
      reliability: plain(cell(row, "reliability")),
    }))
    .sort((a, b) => (`${a.code} ${a.customer} ${a.period}` < `${b.code} ${b.customer} ${b.period}` ? -1 : 1));
}
