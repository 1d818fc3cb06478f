/*
 * Sets of rows, one bit a row. Int32Array, because values read from a Uint32Array would not always fit the engine's small
 * integers. All sets of one index have the same length and lie in its memory (row-memory.ts), where the kernels pass over
 * them.
 */

export type Bits = Int32Array;

/** Rows are handed out in blocks; what is true of a whole block need not be looked at row by row. */
const BLOCK_SHIFT = 10;
export const BLOCK_ROWS = 1 << BLOCK_SHIFT;
/** Words of a block, a word being thirty-two rows. */
export const BLOCK_WORDS = BLOCK_ROWS / 32;

/**
 * Rows to take some out of: they are in `bits`, and only in the first `blocks` of the blocks that `scope` lists by number; what
 * the bits are elsewhere means nothing. `bits` is another's, like all that are live, until some are taken out: those left
 * are in `own`.
 */
export type Rows = { bits: Bits; readonly own: Bits; readonly scope: Int32Array; blocks: number };

export const blockOf = (row: number): number => row >>> BLOCK_SHIFT;

export function addRow(bits: Bits, row: number): void {
  bits[row >>> 5] = (bits[row >>> 5] ?? 0) | (1 << (row & 31));
}
export function dropRow(bits: Bits, row: number): void {
  bits[row >>> 5] = (bits[row >>> 5] ?? 0) & ~(1 << (row & 31));
}

/** The place of a word's lowest set bit, from 0. */
export const lowestBit = (word: number): number => 31 - Math.clz32(word & -word);

/** Keeps the blocks that this is true of. */
export function keepBlocks(rows: Rows, isKept: (block: number) => boolean): void {
  const { scope } = rows;
  let kept = 0;
  for (let i = 0; i < rows.blocks; i++) {
    const block = scope[i] ?? 0;
    if (isKept(block)) scope[kept++] = block;
  }
  rows.blocks = kept;
}
