import type { NumberColumn } from "../columns/number-column.ts";
import { UNKNOWN } from "../columns/uppers.ts";
import type { OfferIndex } from "../offer-index.ts";
import { BestRows, type RankPosition, type Standing } from "./best-rows.ts";
import type { Bits, Rows } from "./bits.ts";
import { BlockQueue } from "./block-queue.ts";
import type { WantedRows } from "./row-memory.ts";

/** What is asked of an order: how many rows, and the place after which they come. */
export type Ask = { count: number; after: RankPosition | undefined };

/** Known values rising or falling, unknown ones last. */
export type ColumnOrder = { column: NumberColumn; falling: boolean };

/** The key of a value in an order, and the value of a key: lower comes first, UNKNOWN last. */
const turned = (value: number, falling: boolean): number =>
  falling && value !== UNKNOWN ? UNKNOWN - 1 - value : value;

export const keyAt = ({ column, falling }: ColumnOrder, row: number): number =>
  turned(column.values[row] ?? UNKNOWN, falling);

/**
 * The first rows of a set in an order. Blocks come by the best row that they may have until there are enough rows; of the
 * other blocks only those are looked at that may have a better one. So nothing is sorted that is not shown.
 */
export function firstRows(
  index: OfferIndex,
  rows: Rows,
  order: ColumnOrder,
  { count, after }: Ask,
): number[] {
  const best = new BestRows(index, count, after);
  const { scope, blocks } = rows;
  const [keys, prices] = [new Uint32Array(blocks), new Uint32Array(blocks)];
  for (let i = 0; i < blocks; i++) {
    keys[i] = firstKeyIn(order, scope[i] ?? 0);
    prices[i] = index.numbers.price.lowestIn(scope[i] ?? 0);
  }
  const queue = new BlockQueue(keys, prices);
  const bounds = { least: after?.key ?? 0, most: UNKNOWN, mostPrice: UNKNOWN };
  const show = (block: number, wanted: WantedRows) => {
    for (const row of index.memory.listRows(block, rows.bits, wanted)) {
      best.show(row, keyAt(order, row), wanted.prices[row] ?? 0);
    }
  };
  while (!best.isFull) {
    const next = queue.take();
    if (next === undefined) return best.rows;
    const block = scope[next] ?? 0;
    if (after !== undefined && isBehind(index, order, block, after)) continue;
    show(block, wantedRows(index, order, narrowed(index, rows.bits, block, order, bounds, count)));
    // Some of those that were counted may stand before the cursor: then others of this block belong to the first too.
    if (!best.isFull) show(block, wantedRows(index, order, bounds));
    else if (after !== undefined) show(block, betterThan(index, order, bounds, best.worst).any);
  }
  let worst = best.worst;
  let better = betterThan(index, order, bounds, worst);
  for (const next of queue.rest) {
    if (worst !== best.worst) {
      worst = best.worst;
      better = betterThan(index, order, bounds, worst);
    }
    const first = keys[next] ?? 0;
    if (first > worst.key || (first === worst.key && (prices[next] ?? 0) > worst.price)) continue;
    // Of a block that begins with the key of the worst, only cheap rows are better.
    show(scope[next] ?? 0, first === worst.key ? better.cheap : better.any);
  }
  return best.rows;
}

/** The least key that a row of a block may have. */
function firstKeyIn({ column, falling }: ColumnOrder, block: number): number {
  return turned(falling ? column.highestIn(block) : column.lowestIn(block), falling);
}

/** Whether all rows of a block come before a place. */
function isBehind(
  index: OfferIndex,
  { column, falling }: ColumnOrder,
  block: number,
  after: RankPosition,
): boolean {
  const value = falling ? column.lowestIn(block) : column.highestIn(block);
  const last = column.hasUnknownIn(block) ? UNKNOWN : turned(value, falling);
  return last < after.key || (last === after.key && index.numbers.price.highestIn(block) < after.price);
}

/** The first rows of a set whose keys are all this one: by price, then by id. */
export function firstByPrice(index: OfferIndex, rows: Rows, key: number, { count, after }: Ask): number[] {
  if (after !== undefined && after.key > key) return [];
  const from = after?.key === key ? { ...after, key: after.price } : undefined;
  return firstRows(index, rows, { column: index.numbers.price, falling: false }, { count, after: from });
}

const NONE_YET = { key: UNKNOWN, price: UNKNOWN, order: Number.POSITIVE_INFINITY };

/** Keys and prices of which rows are looked at, these included. */
type Bounds = { least: number; most: number; mostPrice: number };

function wantedRows(
  index: OfferIndex,
  { column, falling }: ColumnOrder,
  { least, most, mostPrice }: Bounds,
  worst: Standing = NONE_YET,
): WantedRows {
  const [from, to] = !falling
    ? [least, most]
    : // Unknown values come last.
      most === UNKNOWN
      ? [0, UNKNOWN]
      : [turned(most, true), turned(least, true)];
  const { price } = index.numbers;
  return {
    ...column.around(from, to),
    cheap: price.around(0, mostPrice).within,
    values: column.values,
    least: from,
    most: to,
    prices: price.values,
    orders: index.idOrder,
    worst: { value: turned(worst.key, falling), price: worst.price, order: worst.order },
  };
}

/** The rows that are better than the worst: of any block, and of one whose first key is the worst's. */
function betterThan(index: OfferIndex, order: ColumnOrder, bounds: Bounds, worst: Standing) {
  const any = wantedRows(index, order, { ...bounds, most: worst.key }, worst);
  return { any, cheap: { ...any, cheap: index.numbers.price.around(0, worst.price).within } };
}

/**
 * The narrowest bounds found within these in which a block has so many rows: by key, and by price where the block's first
 * key alone has so many. They are found by counting, so that few rows are looked at.
 */
function narrowed(
  index: OfferIndex,
  bits: Bits,
  block: number,
  order: ColumnOrder,
  bounds: Bounds,
  count: number,
): Bounds {
  const isEnough = (narrower: Bounds) =>
    index.memory.countInBlock(block, bits, wantedRows(index, order, narrower)) >= count;
  const most = leastKey(order, (key) => isEnough({ ...bounds, most: key }));
  if (most > firstKeyIn(order, block)) return { ...bounds, most };
  const byPrice = { column: index.numbers.price, falling: false };
  const mostPrice = leastKey(byPrice, (price) => isEnough({ ...bounds, most, mostPrice: price }));
  return { ...bounds, most, mostPrice };
}

/** The least key between two parts of the cumulative sets of which this is true; UNKNOWN, where it is of none. */
function leastKey({ column, falling }: ColumnOrder, isTrue: (key: number) => boolean): number {
  const { uppers } = column;
  const last = uppers.length - 1;
  // Falling, a part begins above the upper of the one below it.
  const keyOf = (part: number) =>
    part === last
      ? UNKNOWN
      : falling
        ? turned((uppers[last - 2 - part] ?? -1) + 1, true)
        : (uppers[part] ?? 0);
  let [low, high] = [0, last];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isTrue(keyOf(middle))) high = middle;
    else low = middle + 1;
  }
  return keyOf(low);
}
