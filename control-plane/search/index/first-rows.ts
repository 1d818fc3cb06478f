import { BestRows, type Place } from "./best-rows.ts";
import { type Bits, BLOCK_WORDS, lowestBit, type Rows } from "./bits.ts";
import { BlockQueue, type Bound, isBefore } from "./block-queue.ts";
import type { NumberColumn } from "./number-column.ts";
import type { OfferIndex } from "./offer-index.ts";
import { UNKNOWN } from "./uppers.ts";

/** What is asked of an order: how many rows, and the place after which they come. */
export type Ask = { count: number; after: Place | undefined };

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
  const bounds: Bound[] = [];
  for (let i = 0; i < rows.scope.length; i++) bounds.push(firstOf(index, order, rows.scope[i] ?? 0));
  const queue = new BlockQueue(bounds);
  const show = ({ block }: Bound) => {
    if (after !== undefined && isBefore(lastOf(index, order, block), after)) return;
    showBlock(index, rows.bits, block, order, after?.key ?? 0, best);
  };
  while (!best.isFull) {
    const first = queue.take();
    if (first === undefined) return best.rows;
    show(first);
  }
  for (const first of queue.rest) if (!isBefore(best.worst, first)) show(first);
  return best.rows;
}

/** What no row of a block comes before. */
function firstOf(index: OfferIndex, { column, falling }: ColumnOrder, block: number): Bound {
  const value = falling ? column.highestIn(block) : column.lowestIn(block);
  return { block, key: turned(value, falling), price: index.numbers.price.lowestIn(block) };
}

/** What no row of a block comes after. */
function lastOf(index: OfferIndex, { column, falling }: ColumnOrder, block: number): Bound {
  const value = falling ? column.lowestIn(block) : column.highestIn(block);
  const key = column.hasUnknownIn(block) ? UNKNOWN : turned(value, falling);
  return { block, key, price: index.numbers.price.highestIn(block) };
}

/** The first rows of a set whose keys are all this one: by price, then by id. */
export function firstByPrice(index: OfferIndex, rows: Rows, key: number, { count, after }: Ask): number[] {
  if (after !== undefined && after.key > key) return [];
  const from = after?.key === key ? { ...after, key: after.price } : undefined;
  return firstRows(index, rows, { column: index.numbers.price, falling: false }, { count, after: from });
}

/** Shows a block's rows, most of those left out whose keys can't be between the cursor's and that of the worst. */
function showBlock(
  index: OfferIndex,
  bits: Bits,
  block: number,
  { column, falling }: ColumnOrder,
  leastKey: number,
  best: BestRows,
): void {
  const { values } = column;
  const prices = index.numbers.price.values;
  const mostKey = Math.min(best.worst.key, UNKNOWN);
  const [a, b] = [turned(leastKey, falling), turned(mostKey, falling)];
  const { within, under } =
    mostKey === UNKNOWN ? column.around(0, UNKNOWN) : column.around(Math.min(a, b), Math.max(a, b));
  const start = block * BLOCK_WORDS;
  for (let w = start; w < start + BLOCK_WORDS; w++) {
    for (let word = (bits[w] ?? 0) & (within[w] ?? 0) & ~(under[w] ?? 0); word !== 0; word &= word - 1) {
      const row = w * 32 + lowestBit(word);
      best.show(row, turned(values[row] ?? UNKNOWN, falling), prices[row] ?? 0);
    }
  }
}
