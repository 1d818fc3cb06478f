/*
 * Sets of rows, one bit a row: thirty-two rows are compared at once. Int32Array, because values read from a Uint32Array
 * would not always fit the engine's small integers. All sets of one index have the same length; `words` is how much of it
 * is in use.
 */

export type Bits = Int32Array;

export const wordsFor = (rows: number): number => (rows + 31) >>> 5;
export const makeBits = (rows: number): Bits => new Int32Array(wordsFor(rows));

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
export const hasRow = (bits: Bits, row: number): boolean =>
  ((bits[row >>> 5] ?? 0) & (1 << (row & 31))) !== 0;

/** How many bits of one word are set. Source: Hacker's Delight, 5-1. */
export function bitCount(word: number): number {
  let x = word - ((word >>> 1) & 0x55555555);
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
  return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

export function countRows(bits: Bits, words: number): number {
  let count = 0;
  for (let w = 0; w < words; w++) count += bitCount(bits[w] ?? 0);
  return count;
}

export function keepCommon(bits: Bits, other: Bits, words: number): void {
  for (let w = 0; w < words; w++) bits[w] = (bits[w] ?? 0) & (other[w] ?? 0);
}
export function dropCommon(bits: Bits, other: Bits, words: number): void {
  for (let w = 0; w < words; w++) bits[w] = (bits[w] ?? 0) & ~(other[w] ?? 0);
}
export function addAll(bits: Bits, other: Bits, words: number): void {
  for (let w = 0; w < words; w++) bits[w] = (bits[w] ?? 0) | (other[w] ?? 0);
}

/** Calls back for each row of the set, in rising order. */
export function eachRow(bits: Bits, words: number, visit: (row: number) => void): void {
  for (let w = 0; w < words; w++) {
    for (let word = bits[w] ?? 0; word !== 0; word &= word - 1)
      visit((w << 5) + 31 - Math.clz32(word & -word));
  }
}
