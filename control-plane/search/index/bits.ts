/*
 * Sets of rows, one bit a row: thirty-two rows are compared at once. Int32Array, because values read from a Uint32Array
 * would not always fit the engine's small integers. All sets of one index have the same length.
 */

export type Bits = Int32Array;

/** Rows are handed out in blocks; what is true of a whole block need not be looked at row by row. */
const BLOCK_SHIFT = 10;
export const BLOCK_ROWS = 1 << BLOCK_SHIFT;
/** Words of a block, a word being thirty-two rows. */
export const BLOCK_WORDS = BLOCK_ROWS / 32;

/** Blocks, by number: the only ones in which a set of rows has anything. What its bits are elsewhere means nothing. */
export type Scope = Int32Array;

/** A set of rows. Taking rows out of it makes its scope smaller too. */
export type Rows = { bits: Bits; scope: Scope };

export const makeBits = (rows: number): Bits => new Int32Array((rows + 31) >>> 5);

export const blockOf = (row: number): number => row >>> BLOCK_SHIFT;

/** The same set with room for more rows. */
export function grownBits(bits: Bits, rows: number): Bits {
  const grown = makeBits(rows);
  grown.set(bits);
  return grown;
}

export function addRow(bits: Bits, row: number): void {
  bits[row >>> 5] = (bits[row >>> 5] ?? 0) | (1 << (row & 31));
}
export function dropRow(bits: Bits, row: number): void {
  bits[row >>> 5] = (bits[row >>> 5] ?? 0) & ~(1 << (row & 31));
}

/** How many bits of one word are set. Source: Hacker's Delight, 5-1. */
export function bitCount(word: number): number {
  let x = (word - ((word >>> 1) & 0x55555555)) | 0;
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
  return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** The place of a word's lowest set bit, from 0. */
export const lowestBit = (word: number): number => 31 - Math.clz32(word & -word);

export function countInBlock(bits: Bits, block: number): number {
  let count = 0;
  const start = block * BLOCK_WORDS;
  for (let w = start; w < start + BLOCK_WORDS; w++) count += bitCount(bits[w] ?? 0);
  return count;
}

/** Keeps the rows that the other set has too; `asked` false: those that it does not have. */
export function keepCommon(rows: Rows, other: Bits, asked = true): void {
  const { bits, scope } = rows;
  const flip = asked ? 0 : -1;
  let kept = 0;
  for (let i = 0; i < scope.length; i++) {
    const block = scope[i] ?? 0;
    const start = block * BLOCK_WORDS;
    let left = 0;
    for (let w = start; w < start + BLOCK_WORDS; w++) {
      const word = (bits[w] ?? 0) & ((other[w] ?? 0) ^ flip);
      bits[w] = word;
      left |= word;
    }
    if (left !== 0) scope[kept++] = block;
  }
  rows.scope = scope.subarray(0, kept);
}

/** Keeps the rows that any of these sets has. Four of them at once: one by one would take twice as long. */
export function keepCommonWithAny(rows: Rows, sets: readonly Bits[]): void {
  const [only] = sets;
  if (only !== undefined && sets.length === 1) {
    keepCommon(rows, only);
    return;
  }
  const { bits, scope } = rows;
  const some = new Int32Array(BLOCK_WORDS);
  let kept = 0;
  for (let i = 0; i < scope.length; i++) {
    const block = scope[i] ?? 0;
    const start = block * BLOCK_WORDS;
    some.fill(0);
    for (let next = 0; next < sets.length; next += 4) {
      const a = sets[next] ?? bits;
      const [b, c, d] = [sets[next + 1] ?? a, sets[next + 2] ?? a, sets[next + 3] ?? a];
      for (let w = 0; w < BLOCK_WORDS; w++) {
        const any = (a[start + w] ?? 0) | (b[start + w] ?? 0) | (c[start + w] ?? 0) | (d[start + w] ?? 0);
        some[w] = (some[w] ?? 0) | any;
      }
    }
    let left = 0;
    for (let w = 0; w < BLOCK_WORDS; w++) {
      const word = (bits[start + w] ?? 0) & (some[w] ?? 0);
      bits[start + w] = word;
      left |= word;
    }
    if (left !== 0) scope[kept++] = block;
  }
  rows.scope = scope.subarray(0, kept);
}

/** Calls back for each row of the set, block by block, until told to stop by `false`. */
export function eachRow({ bits, scope }: Rows, visit: (row: number) => unknown): void {
  for (let i = 0; i < scope.length; i++) {
    const start = (scope[i] ?? 0) * BLOCK_WORDS;
    for (let w = start; w < start + BLOCK_WORDS; w++) {
      for (let word = bits[w] ?? 0; word !== 0; word &= word - 1) {
        if (visit(w * 32 + lowestBit(word)) === false) return;
      }
    }
  }
}
