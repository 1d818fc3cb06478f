import { addRow, type Bits, BLOCK_ROWS, blockOf, dropRow, type Rows } from "./bits.ts";
import type { RowMemory, Tally } from "./row-memory.ts";

/**
 * Sums a small number over sets of rows: of each block the sum of all its rows is known; of a part of a block the bits of the
 * numbers are counted, for which each of a number's bits has a set of rows.
 */
export class RowSum {
  #memory: RowMemory;
  #values: Uint32Array;
  #slices: Bits[] = [];
  #sums: Float64Array;

  constructor(memory: RowMemory) {
    this.#memory = memory;
    this.#values = memory.numbers(Uint32Array, memory.rows);
    this.#sums = memory.numbers(Float64Array, memory.rows / BLOCK_ROWS);
  }

  /** Moves to a memory for more rows. */
  grow(memory: RowMemory): void {
    this.#memory = memory;
    this.#values = memory.numbers(Uint32Array, memory.rows, this.#values);
    this.#sums = memory.numbers(Float64Array, memory.rows / BLOCK_ROWS, this.#sums);
    this.#slices = this.#slices.map((bits) => memory.bits(bits));
  }

  set(row: number, value: number): void {
    while (value >= 2 ** this.#slices.length) this.#slices.push(this.#memory.bits());
    const block = blockOf(row);
    this.#sums[block] = (this.#sums[block] ?? 0) + value - (this.#values[row] ?? 0);
    this.#values[row] = value;
    for (const [place, slice] of this.#slices.entries()) {
      if (Math.floor(value / 2 ** place) % 2 === 1) addRow(slice, row);
      else dropRow(slice, row);
    }
  }

  /** How many rows there are, and their sum; `counts`: how many each whole block has. */
  tally(rows: Rows, counts: Uint32Array): Tally {
    return this.#memory.tally(rows, this.#slices, counts, this.#sums);
  }
}
