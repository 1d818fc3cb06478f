import { type Bits, BLOCK_WORDS, grownBits, makeBits, type Rows } from "./bits.ts";

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

  over(rows: Rows): number {
    let sum = 0;
    for (let place = 0; place < this.#slices.length; place += 4) {
      sum += this.#sumOfFour(rows, place) * 2 ** place;
    }
    return sum;
  }

  /** Four of the number's bits at once: their counts are added byte by byte, where fifteen times eight fit. */
  #sumOfFour({ bits, scope }: Rows, place: number): number {
    const [a = bits, b, c, d] = this.#slices.slice(place, place + 4);
    let sum = 0;
    for (let i = 0; i < scope.length; i++) {
      const start = (scope[i] ?? 0) * BLOCK_WORDS;
      for (let w = start; w < start + BLOCK_WORDS; w++) {
        const word = bits[w] ?? 0;
        if (word === 0) continue;
        const bytes =
          bitsInBytes(word & (a[w] ?? 0)) +
          2 * bitsInBytes(word & (b === undefined ? 0 : (b[w] ?? 0))) +
          4 * bitsInBytes(word & (c === undefined ? 0 : (c[w] ?? 0))) +
          8 * bitsInBytes(word & (d === undefined ? 0 : (d[w] ?? 0)));
        sum += (bytes & 255) + ((bytes >>> 8) & 255) + ((bytes >>> 16) & 255) + (bytes >>> 24);
      }
    }
    return sum;
  }
}

/** How many bits are set in each of a word's four bytes. */
function bitsInBytes(word: number): number {
  let x = word - ((word >>> 1) & 0x55555555);
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
  return (x + (x >>> 4)) & 0x0f0f0f0f;
}
