import {
  addRow,
  type Bits,
  BLOCK_ROWS,
  BLOCK_WORDS,
  blockOf,
  dropRow,
  grownBits,
  lowestBit,
  makeBits,
} from "./bits.ts";

/** Of so few rows of a block each is visited, which is faster than to count the bits of their numbers. */
const FEW = 32;

/**
 * Sums a small number over sets of rows: of each block the sum of all its rows is known; of many rows of a block the bits
 * of their numbers are counted, for which each of the number's bits has a set of rows.
 */
export class RowSum {
  #values: Uint32Array;
  /** Always four more, so that four can be counted at once. */
  #slices: Bits[] = [];
  #sums: Float64Array;

  constructor(rows: number) {
    this.#values = new Uint32Array(rows);
    this.#sums = new Float64Array(rows / BLOCK_ROWS);
  }

  grow(rows: number): void {
    const [values, sums] = [this.#values, this.#sums];
    this.#values = new Uint32Array(rows);
    this.#values.set(values);
    this.#sums = new Float64Array(rows / BLOCK_ROWS);
    this.#sums.set(sums);
    this.#slices = this.#slices.map((bits) => grownBits(bits, rows));
  }

  set(row: number, value: number): void {
    while (value >= 2 ** this.#slices.length) {
      this.#slices.push(...Array.from({ length: 4 }, () => makeBits(this.#values.length)));
    }
    const block = blockOf(row);
    this.#sums[block] = (this.#sums[block] ?? 0) + value - (this.#values[row] ?? 0);
    this.#values[row] = value;
    for (const [place, slice] of this.#slices.entries()) {
      if (Math.floor(value / 2 ** place) % 2 === 1) addRow(slice, row);
      else dropRow(slice, row);
    }
  }

  /** The sum of all rows of a block. */
  ofBlock(block: number): number {
    return this.#sums[block] ?? 0;
  }

  /** The sum of the rows of a block that a set has, so many. */
  inBlock(bits: Bits, block: number, count: number): number {
    const start = block * BLOCK_WORDS;
    if (count <= FEW) return this.#sumOfEach(bits, start);
    let sum = 0;
    for (let place = 0; place < this.#slices.length; place += 4) {
      sum += this.#sumOfFour(bits, start, place) * 2 ** place;
    }
    return sum;
  }

  #sumOfEach(bits: Bits, start: number): number {
    let sum = 0;
    for (let w = start; w < start + BLOCK_WORDS; w++) {
      for (let word = bits[w] ?? 0; word !== 0; word &= word - 1) {
        sum += this.#values[w * 32 + lowestBit(word)] ?? 0;
      }
    }
    return sum;
  }

  /** Four of the number's bits at once: their counts are added four bits, then a byte each, where eight times fifteen fit. */
  #sumOfFour(bits: Bits, start: number, place: number): number {
    const [a = bits, b = bits, c = bits, d = bits] = this.#slices.slice(place, place + 4);
    let sum = 0;
    for (let w = start; w < start + BLOCK_WORDS; w++) {
      const word = bits[w] ?? 0;
      const low = countsOfFour(word & (a[w] ?? 0)) + 2 * countsOfFour(word & (b[w] ?? 0));
      const high = countsOfFour(word & (c[w] ?? 0)) + 2 * countsOfFour(word & (d[w] ?? 0));
      const bytes =
        (low & 0x0f0f0f0f) +
        ((low >>> 4) & 0x0f0f0f0f) +
        4 * ((high & 0x0f0f0f0f) + ((high >>> 4) & 0x0f0f0f0f));
      sum += Math.imul((bytes & 0x00ff00ff) + ((bytes >>> 8) & 0x00ff00ff), 0x00010001) >>> 16;
    }
    return sum;
  }
}

/** How many of each four bits of a word are set, in those four bits. */
function countsOfFour(word: number): number {
  const pairs = (word - ((word >>> 1) & 0x55555555)) | 0;
  return (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
}
