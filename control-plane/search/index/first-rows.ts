import { type Bits, BLOCK_WORDS, bitCount, countRows, type Rows } from "./bits.ts";
import { type NumberColumn, UNKNOWN } from "./number-column.ts";
import { type OfferIndex, orderOfId } from "./offer-index.ts";

/** Where an offer stands in an order: by its key, then by price, then by id. Lower comes first. */
export type Place = { key: number; price: number; id: string };

/** Rising key of a row; UNKNOWN comes last. */
export type KeyOf = (row: number) => number;

/** What is asked of an order: how many rows, and the place after which they come. */
export type Ask = { count: number; after: Place | undefined };

/** So many rows are looked at one by one; of more, only the part of the order that is needed. */
const FEW = 4096;

/** The first rows of a set in the order of a column: known values rising or falling, unknown ones last. */
export function firstInColumn(
  index: OfferIndex,
  rows: Rows,
  column: NumberColumn,
  falling: boolean,
  ask: Ask,
): number[] {
  if (countRows(rows) <= FEW) return firstByKey(index, rows, column, falling, ask);
  const found: number[] = [];
  const some: Rows = { bits: index.borrowBits(), scope: rows.scope };
  const lastKnown = column.uppers.length - 2;
  let step = ask.after === undefined ? 0 : stepOf(column, falling, ask.after.key);
  while (found.length < ask.count && step <= lastKnown + 1) {
    const need = ask.count - found.length;
    const to = step > lastKnown ? step : lastStepFor(rows, column, falling, step, need);
    // The steps before the last hold fewer than are needed; the last may be one value with very many rows.
    if (to > step) {
      keepSteps(some, rows, column, falling, step, to - 1);
      found.push(...firstByKey(index, some, column, falling, { count: need, after: ask.after }));
    }
    keepSteps(some, rows, column, falling, to, to);
    const rest = { count: ask.count - found.length, after: ask.after };
    found.push(...firstOfStep(index, some, column, falling, to, rest));
    step = to + 1;
  }
  index.giveBack(some.bits);
  return found;
}

/** The rows of one step, which may all have one value: then the price decides, and it has an order of its own. */
function firstOfStep(
  index: OfferIndex,
  rows: Rows,
  column: NumberColumn,
  falling: boolean,
  step: number,
  ask: Ask,
): number[] {
  if (ask.count === 0) return [];
  const part = partOfStep(column, falling, step);
  const isOneValue = part > column.uppers.length - 2 || column.isOneValue(part);
  if (!isOneValue || column === index.numbers.price) return firstByKey(index, rows, column, falling, ask);
  return firstByPrice(
    index,
    rows,
    falling ? fallingKey(column.uppers[part] ?? UNKNOWN) : (column.uppers[part] ?? 0),
    ask,
  );
}

/** The first rows of a set whose keys are all this one: by price, then by id. */
export function firstByPrice(index: OfferIndex, rows: Rows, key: number, { count, after }: Ask): number[] {
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
  out: Rows,
  rows: Rows,
  column: NumberColumn,
  falling: boolean,
  from: number,
  to: number,
): void {
  const [under, within] = setsOf(column, falling, from, to);
  const [bits, kept] = [rows.bits, out.bits];
  for (let i = 0; i < rows.scope.length; i++) {
    const start = (rows.scope[i] ?? 0) * BLOCK_WORDS;
    for (let w = start; w < start + BLOCK_WORDS; w++) {
      const upTo = within === undefined ? -1 : (within[w] ?? 0);
      kept[w] = (bits[w] ?? 0) & upTo & ~(under === undefined ? 0 : (under[w] ?? 0));
    }
  }
}

/** The first step up to which there are as many rows as needed; the last known step when there are not. */
function lastStepFor(rows: Rows, column: NumberColumn, falling: boolean, from: number, need: number): number {
  let [low, high] = [from, column.uppers.length - 2];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (hasInSteps(rows, column, falling, from, middle, need)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function hasInSteps(
  { bits, scope }: Rows,
  column: NumberColumn,
  falling: boolean,
  from: number,
  to: number,
  need: number,
): boolean {
  const [under, within] = setsOf(column, falling, from, to);
  let count = 0;
  for (let i = 0; i < scope.length && count < need; i++) {
    const start = (scope[i] ?? 0) * BLOCK_WORDS;
    for (let w = start; w < start + BLOCK_WORDS; w++) {
      const upTo = within === undefined ? -1 : (within[w] ?? 0);
      const word = (bits[w] ?? 0) & upTo & ~(under === undefined ? 0 : (under[w] ?? 0));
      if (word !== 0) count += bitCount(word);
    }
  }
  return count >= need;
}

/** The first rows of a set by key, price and id: each row is looked at once, none is sorted that is not shown. */
function firstByKey(
  index: OfferIndex,
  { bits, scope }: Rows,
  { values }: NumberColumn,
  falling: boolean,
  { count, after }: Ask,
): number[] {
  const { idOrder } = index;
  const prices = index.numbers.price.values;
  const floor = after === undefined ? undefined : { ...after, order: orderOfId(after.id) };
  const found: Candidate[] = [];
  let worst: Candidate = { row: -1, key: Infinity, price: Infinity, order: Infinity, id: "" };
  for (let i = 0; i < scope.length; i++) {
    const start = (scope[i] ?? 0) * BLOCK_WORDS;
    for (let w = start; w < start + BLOCK_WORDS; w++) {
      for (let word = bits[w] ?? 0; word !== 0; word &= word - 1) {
        const row = (w << 5) + 31 - Math.clz32(word & -word);
        const value = values[row] ?? UNKNOWN;
        const key = falling ? fallingKey(value) : value;
        // Most rows are turned away here, by numbers alone.
        if (key > worst.key) continue;
        const price = prices[row] ?? 0;
        const order = idOrder[row] ?? 0;
        const isLevel = key === worst.key;
        if (isLevel && (price > worst.price || (price === worst.price && order > worst.order))) continue;
        const candidate = { row, key, price, order, id: index.idAt(row) };
        if (compare(candidate, worst) > 0 || (floor !== undefined && compare(candidate, floor) <= 0))
          continue;
        found.splice(placeFor(found, candidate), 0, candidate);
        if (found.length > count) found.pop();
        const last = found[count - 1];
        if (last !== undefined) worst = last;
      }
    }
  }
  return found.map(({ row }) => row);
}

type Ranked = Place & { order: number };
type Candidate = Ranked & { row: number };

function compare(a: Ranked, b: Ranked): number {
  if (a.key !== b.key) return a.key < b.key ? -1 : 1;
  if (a.price !== b.price) return a.price < b.price ? -1 : 1;
  if (a.order !== b.order) return a.order < b.order ? -1 : 1;
  return a.id === b.id ? 0 : a.id < b.id ? -1 : 1;
}

function placeFor(sorted: readonly Candidate[], candidate: Candidate): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = sorted[middle];
    if (other !== undefined && compare(other, candidate) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
