import { type Bits, bitCount, countRows, eachRow } from "./bits.ts";
import { type NumberColumn, UNKNOWN } from "./number-column.ts";
import type { OfferIndex } from "./offer-index.ts";

/** Where an offer stands in an order: by its key, then by price, then by id. Lower comes first. */
export type Place = { key: number; price: number; id: string };

/** Rising key of a row; UNKNOWN comes last. */
export type KeyOf = (row: number) => number;

/** What is asked of an order: how many rows, and the place after which they come. */
export type Ask = { count: number; after: Place | undefined };

/** So many rows are looked at one by one; of more, only the part of the order that is needed. */
const FEW = 16_384;

/** The first rows of a set in the order of a column: known values rising or falling, unknown ones last. */
export function firstInColumn(
  index: OfferIndex,
  rows: Bits,
  column: NumberColumn,
  falling: boolean,
  ask: Ask,
): number[] {
  const words = index.usedWords;
  const keyOf = numberKey(column, falling);
  if (countRows(rows, words) <= FEW) return firstByKey(index, rows, keyOf, ask);
  const found: number[] = [];
  const some = index.borrowBits();
  const lastKnown = column.uppers.length - 2;
  let step = ask.after === undefined ? 0 : stepOf(column, falling, ask.after.key);
  while (found.length < ask.count && step <= lastKnown + 1) {
    const need = ask.count - found.length;
    const to = step > lastKnown ? step : lastStepFor(rows, words, column, falling, step, need);
    // The steps before the last hold fewer than are needed; the last may be one value with very many rows.
    if (to > step) {
      keepSteps(some, rows, words, column, falling, step, to - 1);
      found.push(...firstByKey(index, some, keyOf, { count: need, after: ask.after }));
    }
    keepSteps(some, rows, words, column, falling, to, to);
    const rest = { count: ask.count - found.length, after: ask.after };
    found.push(...firstOfStep(index, some, column, falling, to, rest));
    step = to + 1;
  }
  index.giveBack(some);
  return found;
}

/** The rows of one step, which may all have one value: then the price decides, and it has an order of its own. */
function firstOfStep(
  index: OfferIndex,
  rows: Bits,
  column: NumberColumn,
  falling: boolean,
  step: number,
  ask: Ask,
): number[] {
  if (ask.count === 0) return [];
  const keyOf = numberKey(column, falling);
  const part = partOfStep(column, falling, step);
  const isOneValue = part > column.uppers.length - 2 || column.isOneValue(part);
  if (!isOneValue || column === index.numbers.price) return firstByKey(index, rows, keyOf, ask);
  return firstByPrice(
    index,
    rows,
    falling ? fallingKey(column.uppers[part] ?? UNKNOWN) : (column.uppers[part] ?? 0),
    ask,
  );
}

/** The first rows of a set whose keys are all this one: by price, then by id. */
export function firstByPrice(index: OfferIndex, rows: Bits, key: number, { count, after }: Ask): number[] {
  if (after !== undefined && after.key > key) return [];
  const price = index.numbers.price;
  const from = after?.key === key ? { key: after.price, price: after.price, id: after.id } : undefined;
  return firstInColumn(index, rows, price, false, { count, after: from });
}

const fallingKey = (value: number): number => (value === UNKNOWN ? UNKNOWN : UNKNOWN - 1 - value);

export function numberKey(column: NumberColumn, falling: boolean): KeyOf {
  const { values } = column;
  if (falling) return (row) => fallingKey(values[row] ?? UNKNOWN);
  return (row) => values[row] ?? UNKNOWN;
}

/** Step by step through a column's parts in their order; the step after the last known one is the unknown. */
const partOfStep = (column: NumberColumn, falling: boolean, step: number): number => {
  const lastKnown = column.uppers.length - 2;
  return falling && step <= lastKnown ? lastKnown - step : step;
};
function stepOf(column: NumberColumn, falling: boolean, key: number): number {
  const value = falling ? fallingKey(key) : key;
  const part = column.partOf(value);
  const lastKnown = column.uppers.length - 2;
  return falling && part <= lastKnown ? lastKnown - part : part;
}

/** The sets between which the rows of these steps lie. */
function setsOf(
  column: NumberColumn,
  falling: boolean,
  from: number,
  to: number,
): [Bits | undefined, Bits | undefined] {
  const [a, b] = [partOfStep(column, falling, from), partOfStep(column, falling, to)];
  return [column.upTo[Math.min(a, b) - 1], column.upTo[Math.max(a, b)]];
}

function keepSteps(
  out: Bits,
  rows: Bits,
  words: number,
  column: NumberColumn,
  falling: boolean,
  from: number,
  to: number,
): void {
  const [under, within] = setsOf(column, falling, from, to);
  for (let w = 0; w < words; w++) {
    const upTo = within === undefined ? -1 : (within[w] ?? 0);
    out[w] = (rows[w] ?? 0) & upTo & ~(under === undefined ? 0 : (under[w] ?? 0));
  }
}

/** The first step up to which there are as many rows as needed; the last known step when there are not. */
function lastStepFor(
  rows: Bits,
  words: number,
  column: NumberColumn,
  falling: boolean,
  from: number,
  need: number,
): number {
  let [low, high] = [from, column.uppers.length - 2];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const [under, within] = setsOf(column, falling, from, middle);
    let count = 0;
    for (let w = 0; w < words && count < need; w++) {
      const upTo = within === undefined ? -1 : (within[w] ?? 0);
      const some = (rows[w] ?? 0) & upTo & ~(under === undefined ? 0 : (under[w] ?? 0));
      if (some !== 0) count += bitCount(some);
    }
    if (count >= need) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The first rows of a set by key, price and id: each row is looked at once, none is sorted that is not shown. */
export function firstByKey(index: OfferIndex, rows: Bits, keyOf: KeyOf, { count, after }: Ask): number[] {
  const prices = index.numbers.price.values;
  const found: Place[] = [];
  const foundRows: number[] = [];
  eachRow(rows, index.usedWords, (row) => {
    const key = keyOf(row);
    const worst = found.length < count ? undefined : found[count - 1];
    if (worst !== undefined && key > worst.key) return;
    const price = prices[row] ?? 0;
    if (worst !== undefined && key === worst.key && price > worst.price) return;
    const place = { key, price, id: index.idAt(row) };
    if (worst !== undefined && comparePlaces(place, worst) > 0) return;
    if (after !== undefined && comparePlaces(place, after) <= 0) return;
    const at = placeFor(found, place);
    found.splice(at, 0, place);
    foundRows.splice(at, 0, row);
    if (found.length > count) {
      found.pop();
      foundRows.pop();
    }
  });
  return foundRows;
}

export function comparePlaces(a: Place, b: Place): number {
  if (a.key !== b.key) return a.key < b.key ? -1 : 1;
  if (a.price !== b.price) return a.price < b.price ? -1 : 1;
  return a.id === b.id ? 0 : a.id < b.id ? -1 : 1;
}

function placeFor(sorted: readonly Place[], place: Place): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = sorted[middle];
    if (other !== undefined && comparePlaces(other, place) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
