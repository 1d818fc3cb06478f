import type { Limits } from "./candidate.ts";
import type { Lot, Supplier } from "./market.ts";

/**
 * What the limits are worth, in micro-USD per hour: one GPU more that is found (`gpu`), one node and one supplier less
 * that are taken. `supplier` is below 0 where the least number of suppliers is what binds.
 */
export type ShadowPrices = { gpu: number; node: number; supplier: number };

/**
 * At these shadow prices no choice costs less than `bound`, and `values` has the least that each supplier can add when it
 * is one of the chosen, the price of a supplier aside.
 */
export type Relaxed = { bound: number; prices: ShadowPrices; values: Float64Array };

/** Halvings of what is not known: then the bound is as good as such prices can make it. */
const ROUNDS = 80;

/**
 * The shadow prices under which the bound is highest (Lagrangian relaxation of the counts of GPUs and nodes): the ellipsoid
 * method in two dimensions, after N. Z. Shor, 1977. It ends sooner where the bound reaches `enough`.
 */
export function shadowPrices(market: readonly Supplier[], limits: Limits, enough: number): Relaxed {
  const highest = 1 + market.reduce((most, lots) => Math.max(most, lots.at(-1)?.microUsd ?? 0), 0);
  const largest = market.reduce((most, lots) => lots.reduce((m, { size }) => Math.max(m, size), most), 1);
  const lots = market.reduce((sum, { length }) => sum + length, 0);
  const bindsNodes = limits.maxNodes < Math.min(limits.count, lots);
  const at: Point = [highest, bindsNodes ? (highest * largest) / 2 : 0];
  // The ellipsoid's matrix: all prices that could be the best ones lie within it.
  const within: [number, number, number] = [(32 * highest) ** 2, 0, bindsNodes ? (32 * highest * largest) ** 2 : 0];
  let best: Relaxed | null = null;
  for (let round = 0; round < ROUNDS; round++) {
    let up: Point;
    if (at[0] < 0) up = [1, 0];
    else if (at[1] < 0) up = [0, 1];
    else {
      limits.effort.left -= lots / 8;
      const { relaxed, slope } = relax(market, limits, at);
      if (best === null || relaxed.bound > best.bound) best = relaxed;
      if (relaxed.bound >= enough) break;
      up = slope;
    }
    const ahead: Point = [within[0] * up[0] + within[1] * up[1], within[1] * up[0] + within[2] * up[1]];
    // No prices within have a bound higher than this one by more.
    const reach = Math.sqrt(Math.max(0, ahead[0] * up[0] + ahead[1] * up[1]));
    if (!(reach > 0.5)) break;
    const step: Point = [ahead[0] / reach, ahead[1] / reach];
    at[0] += step[0] / 3;
    at[1] += step[1] / 3;
    within[0] = (4 / 3) * (within[0] - (2 / 3) * step[0] * step[0]);
    within[1] = (4 / 3) * (within[1] - (2 / 3) * step[0] * step[1]);
    within[2] = (4 / 3) * (within[2] - (2 / 3) * step[1] * step[1]);
  }
  return best ?? relax(market, limits, [0, 0]).relaxed;
}

type Point = [gpu: number, node: number];

/** The bound at these prices, and which way it rises. */
function relax(
  market: readonly Supplier[],
  { count, maxNodes, minSuppliers, maxSuppliers, maxOfSupplier }: Limits,
  [gpu, node]: Point,
): { relaxed: Relaxed; slope: Point } {
  const most = Math.min(count, maxOfSupplier);
  const values = new Float64Array(market.length);
  const gpus = new Float64Array(market.length);
  const nodes = new Float64Array(market.length);
  for (const [index, lots] of market.entries()) {
    const least = leastOf(lots, { gpu, node }, most);
    values[index] = least.value;
    gpus[index] = least.gpus;
    nodes[index] = least.nodes;
  }
  const { supplier, chosen } = cheapestSuppliers(values, minSuppliers, maxSuppliers);
  let bound = gpu * count - node * maxNodes;
  const slope: Point = [count, -maxNodes];
  for (const index of chosen) {
    bound += values[index] ?? 0;
    slope[0] -= gpus[index] ?? 0;
    slope[1] += nodes[index] ?? 0;
  }
  return { relaxed: { bound, prices: { gpu, node, supplier }, values }, slope };
}

/** What a supplier adds at least when it gives something, at most `most` GPUs; and how much that is, in parts too. */
function leastOf(lots: Supplier, prices: { gpu: number; node: number }, most: number) {
  const all = { value: 0, gpus: 0, nodes: 0 };
  let dearest = { value: Number.POSITIVE_INFINITY, gpus: 0, nodes: 1 };
  for (const lot of lots) {
    const value = valueOf(lot, prices);
    if (value < 0) {
      all.value += value;
      all.gpus += lot.size;
      all.nodes++;
    } else if (all.nodes === 0) {
      const one = oneOf(lot, prices);
      if (Math.min(one, value) < dearest.value)
        dearest = { value: Math.min(one, value), gpus: one < value ? 1 : lot.size, nodes: 1 };
    }
  }
  if (all.nodes === 0) return dearest;
  return all.gpus <= most ? all : filled(lots, prices, most);
}

/** What a node adds when all of it is taken. */
export const valueOf = ({ microUsd, size }: Lot, { gpu, node }: Pick<ShadowPrices, "gpu" | "node">): number =>
  (microUsd - gpu) * size + node;

/** What it adds when one GPU of it is taken. */
export const oneOf = ({ microUsd }: Lot, { gpu, node }: Pick<ShadowPrices, "gpu" | "node">): number =>
  microUsd - gpu + node;

/** The nodes that add least for each GPU, the last of them in part, until the supplier gives `most`. */
function filled(lots: Supplier, prices: { gpu: number; node: number }, most: number) {
  const rated = lots
    .map((lot) => ({ size: lot.size, rate: valueOf(lot, prices) / lot.size }))
    .filter(({ rate }) => rate < 0)
    .sort((a, b) => a.rate - b.rate);
  const sum = { value: 0, gpus: 0, nodes: 0 };
  for (const { size, rate } of rated) {
    const take = Math.min(size, most - sum.gpus);
    sum.value += rate * take;
    sum.gpus += take;
    sum.nodes += take / size;
    if (sum.gpus >= most) break;
  }
  return sum;
}

/** Those of which the choice becomes cheapest, within the limits of their number, and the price that says the same. */
function cheapestSuppliers(values: Float64Array, least: number, most: number) {
  const order = [...values.keys()];
  const worth = (index: number) => values[index] ?? 0;
  const gain = order.filter((index) => worth(index) < 0);
  if (gain.length >= least && gain.length <= most) return { supplier: 0, chosen: gain };
  const sorted = (gain.length > most ? gain : order).sort((a, b) => worth(a) - worth(b));
  const chosen = sorted.slice(0, gain.length > most ? most : least);
  const last = chosen.at(-1);
  return { supplier: last === undefined ? 0 : -worth(last), chosen };
}
