import { type Bits, bitCount, grownBits, makeBits } from "./bits.ts";

/** Sums a small number over a set of rows without visiting them: one set of rows for each of the number's bits. */
export class RowSum {
  #slices: Bits[] = [];
  #rows: number;

  constructor(rows: number) {
    this.#rows = rows;
  }

  grow(rows: number): void {
    this.#slices = this.#slices.map((bits) => grownBits(bits, rows));
    this.#rows = rows;
  }

  set(row: number, value: number): void {
    while (value >>> this.#slices.length !== 0) this.#slices.push(makeBits(this.#rows));
    const [w, bit] = [row >>> 5, 1 << (row & 31)];
    for (const [place, slice] of this.#slices.entries()) {
      slice[w] = (value >>> place) & 1 ? (slice[w] ?? 0) | bit : (slice[w] ?? 0) & ~bit;
    }
  }

  over(bits: Bits, words: number): number {
    let sum = 0;
    for (const [place, slice] of this.#slices.entries()) {
      let count = 0;
      for (let w = 0; w < words; w++) count += bitCount((bits[w] ?? 0) & (slice[w] ?? 0));
      sum += count * 2 ** place;
    }
    return sum;
  }
}
