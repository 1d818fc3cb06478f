import type { PlacementLimits } from "./candidate.ts";
import { type Market, mostOfOne, suppliersIn } from "./market.ts";
import { above, middleOf, type Point } from "./polygon.ts";

/**
 * What the limits are worth, in micro-USD per hour: one GPU more that is found (`gpu`), one node and one supplier less
 * that are taken. `supplier` is below 0 where the least number of suppliers is what binds.
 */
export type ShadowPrices = { gpu: number; node: number; supplier: number };

/**
 * At these shadow prices no choice costs less than `bound`, and `values` has the least that each supplier can add when it
 * is one of the chosen, the price of a supplier aside.
 */
export type LagrangianBound = { bound: number; prices: ShadowPrices; values: Float64Array };

/** So many nodes that are looked at for a bound take as long as one step of the search. */
const NODES_OF_STEP = 32;

/**
 * The shadow prices under which the bound is highest (Lagrangian relaxation of the counts of GPUs and nodes). The bound is
 * concave: wherever it is asked for, it tells on which side it is higher, and the best prices are looked for in the middle
 * of what is left (A. Levin, 1965). It ends after so many rounds, or sooner: where the bound reaches `enough`, or
 * can't rise by a hundred-thousandth.
 * @param region corners of the prices that are looked at; none when they are not known
 */
export function shadowPrices(
  market: Market,
  limits: PlacementLimits,
  { enough, rounds, region }: { enough: number; rounds: number; region: readonly Point[] },
): { relaxed: LagrangianBound; region: readonly Point[] } {
  let left = region.length > 0 ? region : everything(market, limits);
  let best: LagrangianBound | null = null;
  for (let round = 0; round < rounds; round++) {
    const at = middleOf(left);
    if (at === null) break;
    limits.effort.left -= market.candidates.length / NODES_OF_STEP;
    const { relaxed, slope } = relax(market, limits, at);
    if (best === null || relaxed.bound > best.bound) best = relaxed;
    const least = best.bound;
    if (least >= enough) break;
    const risen = ([gpu, node]: Point) =>
      relaxed.bound - least + slope[0] * (gpu - at[0]) + slope[1] * (node - at[1]);
    if (left.every((corner) => risen(corner) < Math.abs(least) * 1e-5)) break;
    left = above(left, risen);
  }
  return { relaxed: best ?? relax(market, limits, left[0] ?? [0, 0]).relaxed, region: left };
}

/** Prices among which the best are, but where the limits are so tight that hardly any choice keeps to them. */
function everything(market: Market, limits: PlacementLimits): Point[] {
  const dearest = 8 * (1 + market.prices.reduce((most, price) => Math.max(most, price), 0));
  const binds = limits.maxNodes < Math.min(limits.count, market.candidates.length);
  const largest = market.sizes.reduce((most, size) => Math.max(most, size), 1);
  const node = binds ? dearest * largest : 1e-3;
  return [
    [0, 0],
    [dearest, 0],
    [dearest, node],
    [0, node],
  ];
}

/** The bound at these prices, and how it changes with them. */
function relax(
  market: Market,
  limits: PlacementLimits,
  [gpu, node]: Point,
): { relaxed: LagrangianBound; slope: Point } {
  const { count, maxNodes, minSuppliers, maxSuppliers } = limits;
  const suppliers = suppliersIn(market);
  const values = new Float64Array(suppliers);
  const gpus = new Float64Array(suppliers);
  const nodes = new Float64Array(suppliers);
  const most = mostOfOne(limits);
  for (let s = 0; s < suppliers; s++) {
    const least = leastOf(market, s, { gpu, node, most });
    values[s] = least.value;
    gpus[s] = least.gpus;
    nodes[s] = least.nodes;
  }
  const { supplier, chosen } = cheapestSuppliers(values, minSuppliers, maxSuppliers);
  let bound = gpu * count - node * maxNodes;
  let [moreGpus, moreNodes] = [count, -maxNodes];
  for (const s of chosen) {
    bound += values[s] ?? 0;
    moreGpus -= gpus[s] ?? 0;
    moreNodes += nodes[s] ?? 0;
  }
  return { relaxed: { bound, prices: { gpu, node, supplier }, values }, slope: [moreGpus, moreNodes] };
}

type Least = { value: number; gpus: number; nodes: number };

/** What a supplier adds at least when it gives something, at most `most` GPUs; and of what that is made, in parts too. */
function leastOf(
  market: Market,
  s: number,
  { gpu, node, most }: { gpu: number; node: number; most: number },
): Least {
  const { sizes, prices, starts } = market;
  const end = starts[s + 1] ?? 0;
  let value = 0;
  let gpus = 0;
  let nodes = 0;
  let one: Least = { value: Number.POSITIVE_INFINITY, gpus: 1, nodes: 1 };
  for (let i = starts[s] ?? 0; i < end; i++) {
    const size = sizes[i] ?? 0;
    const perGpu = (prices[i] ?? 0) - gpu;
    const whole = perGpu * size + node;
    if (whole < 0) {
      value += whole;
      gpus += size;
      nodes++;
    } else if (nodes === 0) {
      const least = Math.min(whole, perGpu + node);
      if (least < one.value) one = { value: least, gpus: least < whole ? 1 : size, nodes: 1 };
    }
  }
  if (nodes === 0) return one;
  return gpus <= most ? { value, gpus, nodes } : filled(market, s, { gpu, node, most });
}

/** The nodes that add least for each GPU, the last of them in part, until the supplier gives `most`. */
function filled(
  { sizes, prices, starts }: Market,
  s: number,
  { gpu, node, most }: { gpu: number; node: number; most: number },
): Least {
  const rated: { size: number; rate: number }[] = [];
  for (let i = starts[s] ?? 0; i < (starts[s + 1] ?? 0); i++) {
    const size = sizes[i] ?? 0;
    const rate = (prices[i] ?? 0) - gpu + node / size;
    if (rate < 0) rated.push({ size, rate });
  }
  rated.sort((a, b) => a.rate - b.rate);
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
  let gains = 0;
  for (const value of values) if (value < 0) gains++;
  if (gains >= least && gains <= most)
    return { supplier: 0, chosen: [...values.keys()].filter((s) => (values[s] ?? 0) < 0) };
  const chosen = lowest(values, gains > most ? most : least);
  return { supplier: -(values[chosen.at(-1) ?? 0] ?? 0), chosen };
}

/** Where the lowest of some numbers are, lowest first. */
function lowest(values: Float64Array, count: number): number[] {
  const worth = (index: number) => values[index] ?? 0;
  const bar = count < values.length ? (values.toSorted()[count - 1] ?? 0) : Number.POSITIVE_INFINITY;
  const chosen: number[] = [];
  for (let s = 0; s < values.length; s++) if (worth(s) <= bar) chosen.push(s);
  return chosen.sort((a, b) => worth(a) - worth(b) || a - b).slice(0, count);
}
