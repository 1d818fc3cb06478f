import { canonicalGpuModel, gpuModel, type PriceTier, parseUnits } from "@ionet/protocol";

/** A row of the catalogue of cloud prices, as it is written. */
export type PriceRow = {
  provider: string;
  gpuModel: string;
  gpus: number;
  tier: PriceTier;
  /** Decimal text: for all `gpus` for `hours`. */
  usd: string;
  hours: number;
  region: string;
  date: string;
  source: string;
  note: string;
};

/**
 * The id of the model that a price is for; null when the market does not know it, when the name could be several, or when
 * the stated memory is not that model's (cards with changed memory, slips in a list).
 */
export function pricedModel(name: string, vramGib: number | null): string | null {
  const model = gpuModel(canonicalGpuModel(name, vramGib === null ? undefined : vramGib * 1024));
  return model === undefined || /\bmod\b/i.test(name) ? null : model.id;
}

/** Text as it goes into a cell: one line, plain punctuation. */
export const plain = (text: string) => text.replace(/\s+/g, " ").trim();

function microUsd({ usd, provider }: PriceRow): bigint {
  const amount = parseUnits(usd, 6);
  if (amount === null)
    throw new Error(`a price of ${provider} is no decimal number of at most six places: ${usd}`);
  return amount;
}

/** Of rows that differ in nothing but the machine around the GPUs: the cheapest. */
export function cheapestEach(rows: readonly PriceRow[]): PriceRow[] {
  const kept = new Map<string, PriceRow>();
  for (const row of rows) {
    const key = [row.provider, row.gpuModel, row.gpus, row.tier, row.region, row.date, row.hours].join("|");
    const other = kept.get(key);
    if (other === undefined || microUsd(row) < microUsd(other)) kept.set(key, row);
  }
  return [...kept.values()];
}

const order = (row: PriceRow) =>
  [row.provider, row.gpuModel, row.tier, row.region, String(row.gpus).padStart(3), row.date, row.source].join(
    "|",
  );

/** One order, whatever the order of the sources. */
export const sorted = (rows: readonly PriceRow[]): PriceRow[] =>
  [...rows].sort((a, b) => (order(a) < order(b) ? -1 : 1));
