import { cataloguePrices, costAt, newestOfEach } from "../../control-plane/market/catalogue/cloud-prices.ts";

/** What an hour of one GPU of a model costs: micro-USD, and where that comes from. */
export type ModelPrice = { microUsd: bigint; basis: string };

/**
 * The middle of what providers ask for each model on demand, by their newest dates in the dated catalogue. A model nobody
 * asks a price for is assumed to cost the middle of the others'.
 */
export function pricesOf(models: ReadonlySet<string>): Map<string, ModelPrice> {
  const known = new Map<string, ModelPrice>();
  for (const model of models) {
    const rows = newestOfEach(
      cataloguePrices.filter((row) => row.gpuModel === model && row.tier === "on_demand"),
    );
    const price = middle(rows.map((row) => costAt(row, 1, 1)));
    const [newest = ""] = rows.map((row) => row.date).toSorted((a, b) => (a < b ? 1 : -1));
    const basis = `catalogue: the middle of ${rows.length} provider${rows.length === 1 ? "" : "s"}, newest ${newest}`;
    if (price !== undefined) known.set(model, { microUsd: price, basis });
  }
  const assumed = middle([...known.values()].map((price) => price.microUsd)) ?? NOTHING_KNOWN;
  const of = [...models].sort().map((model): [string, ModelPrice] => [
    model,
    known.get(model) ?? {
      microUsd: assumed,
      basis: "assumed: nobody asks a price for it, the middle of the others",
    },
  ]);
  return new Map(of);
}

/** Where the catalogue knows none of a trace's models: an even dollar. */
const NOTHING_KNOWN = 1_000_000n;

const middle = (amounts: readonly bigint[]): bigint | undefined =>
  amounts.toSorted((a, b) => (a < b ? -1 : 1))[Math.floor((amounts.length - 1) / 2)];
