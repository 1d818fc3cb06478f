/*
 * Sets of rows, one bit a row: thirty-two rows are compared at once. Int32Array, because values read from a Uint32Array
 * would not always fit the engine's small integers. All sets of one index have the same length.
 */

export type Bits = Int32Array;

/** Rows are handed out in blocks; what is true of a whole block need not be looked at row by row. */
export const BLOCK_ROWS = 1024;
const BLOCK_SHIFT = 5;
/** Words of a block, a word being thirty-two rows. */
export const BLOCK_WORDS = 1 << BLOCK_SHIFT;

/** Blocks, by number: the only ones in which a set of rows has anything. What its bits are elsewhere means nothing. */
export type Scope = Int32Array;

/** A set of rows. */
export type Rows = { bits: Bits; scope: Scope };

export const makeBits = (rows: number): Bits => new Int32Array((rows + 31) >>> 5);

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
  let x = word - ((word >>> 1) & 0x55555555);
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
  return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

export function countRows({ bits, scope }: Rows): number {
  let count = 0;
  for (let i = 0; i < scope.length; i++) {
    const from = (scope[i] ?? 0) << BLOCK_SHIFT;
    for (let w = from; w < from + BLOCK_WORDS; w++) {
      const word = bits[w] ?? 0;
      if (word !== 0) count += bitCount(word);
    }
  }
  return count;
}

/** Makes the first set what the second is, in these blocks. */
export function copyRows(to: Bits, from: Bits, scope: Scope): void {
  for (let i = 0; i < scope.length; i++) {
    const start = (scope[i] ?? 0) << BLOCK_SHIFT;
    for (let w = start; w < start + BLOCK_WORDS; w++) to[w] = from[w] ?? 0;
  }
}
export function clearRows(bits: Bits, scope: Scope): void {
  for (let i = 0; i < scope.length; i++) {
    const start = (scope[i] ?? 0) << BLOCK_SHIFT;
    for (let w = start; w < start + BLOCK_WORDS; w++) bits[w] = 0;
  }
}
export function keepCommon({ bits, scope }: Rows, other: Bits): void {
  for (let i = 0; i < scope.length; i++) {
    const start = (scope[i] ?? 0) << BLOCK_SHIFT;
    for (let w = start; w < start + BLOCK_WORDS; w++) bits[w] = (bits[w] ?? 0) & (other[w] ?? 0);
  }
}
export function dropCommon({ bits, scope }: Rows, other: Bits): void {
  for (let i = 0; i < scope.length; i++) {
    const start = (scope[i] ?? 0) << BLOCK_SHIFT;
    for (let w = start; w < start + BLOCK_WORDS; w++) bits[w] = (bits[w] ?? 0) & ~(other[w] ?? 0);
  }
}
export function addAll({ bits, scope }: Rows, other: Bits): void {
  for (let i = 0; i < scope.length; i++) {
    const start = (scope[i] ?? 0) << BLOCK_SHIFT;
    for (let w = start; w < start + BLOCK_WORDS; w++) bits[w] = (bits[w] ?? 0) | (other[w] ?? 0);
  }
}

/** Calls back for each row of the set, block by block, until told to stop by `false`. */
export function eachRow({ bits, scope }: Rows, visit: (row: number) => unknown): void {
  for (let i = 0; i < scope.length; i++) {
    const start = (scope[i] ?? 0) << BLOCK_SHIFT;
    for (let w = start; w < start + BLOCK_WORDS; w++) {
      for (let word = bits[w] ?? 0; word !== 0; word &= word - 1) {
        if (visit((w << 5) + 31 - Math.clz32(word & -word)) === false) return;
      }
    }
  }
}
