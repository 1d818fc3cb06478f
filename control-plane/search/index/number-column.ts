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
  type Rows,
  type Scope,
} from "./bits.ts";
import { KNOWN_MOST, SMALL, UNKNOWN, uppersFor } from "./uppers.ts";

/**
 * One number of each row, as an unsigned 32-bit code, with cumulative sets over it: `upTo[j]` holds the rows whose value
 * is at most `uppers[j]`. A bound is one pass over such sets; only rows between two uppers are looked at one by one. The
 * uppers follow the values' distribution when they are laid out (`layOut`), and a frequent value has a part of its own. A
 * change of one value moves one row's bits and no more. Of each block the range of the values that it has had is known:
 * blocks that can't or must fulfil a bound are passed over.
 */
export class NumberColumn {
  values: Uint32Array;
  /** Rising; the last but one is the highest known value, the last is UNKNOWN. */
  #uppers: Uint32Array = Uint32Array.of(KNOWN_MOST, UNKNOWN);
  /** The last has all rows. */
  #upTo: Bits[];
  #nobody: Bits;
  /** Of each block: the range of its known values, and whether a row's is unknown. */
  #lowest: Uint32Array;
  #highest: Uint32Array;
  #hasUnknown: Uint8Array;
  #rows: number;
  #changes = 0;
  #laidOutFor = 0;

  constructor(rows: number) {
    this.#rows = rows;
    this.values = new Uint32Array(rows).fill(UNKNOWN);
    this.#upTo = [makeBits(rows), makeBits(rows).fill(-1)];
    this.#nobody = makeBits(rows);
    this.#lowest = new Uint32Array(rows / BLOCK_ROWS).fill(UNKNOWN);
    this.#highest = new Uint32Array(rows / BLOCK_ROWS);
    this.#hasUnknown = new Uint8Array(rows / BLOCK_ROWS);
  }

  grow(rows: number): void {
    const grown = new NumberColumn(rows);
    grown.values.set(this.values);
    grown.#lowest.set(this.#lowest);
    grown.#highest.set(this.#highest);
    grown.#hasUnknown.set(this.#hasUnknown);
    this.values = grown.values;
    this.#lowest = grown.#lowest;
    this.#highest = grown.#highest;
    this.#hasUnknown = grown.#hasUnknown;
    this.#upTo = this.#upTo.map((bits) => grownBits(bits, rows));
    this.#upTo.at(-1)?.fill(-1);
    this.#nobody = grown.#nobody;
    this.#rows = rows;
  }

  set(row: number, value: number): void {
    const block = blockOf(row);
    if (value === UNKNOWN) this.#hasUnknown[block] = 1;
    else {
      if (value < (this.#lowest[block] ?? 0)) this.#lowest[block] = value;
      if (value > (this.#highest[block] ?? 0)) this.#highest[block] = value;
    }
    const old = this.values[row] ?? UNKNOWN;
    if (old === value) return;
    this.values[row] = value;
    this.#changes += 1;
    const from = this.#partOf(old);
    const to = this.#partOf(value);
    for (let j = to; j < from; j++) addRow(this.#setUpTo(j), row);
    for (let j = from; j < to; j++) dropRow(this.#setUpTo(j), row);
  }

  /** Forgets the range of a block that holds nothing. */
  clearBlock(block: number): void {
    this.#lowest[block] = UNKNOWN;
    this.#highest[block] = 0;
    this.#hasUnknown[block] = 0;
  }

  #setUpTo(part: number): Bits {
    const bits = this.#upTo[part];
    if (bits === undefined) throw new Error(`invariant broken: a column has no part ${part}`);
    return bits;
  }

  /** The first part whose upper is at least this value. */
  #partOf(value: number): number {
    let [low, high] = [0, this.#uppers.length - 1];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#uppers[middle] ?? 0) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Whether so much has changed that the parts no longer fit the values. */
  get isOutOfShape(): boolean {
    return this.#changes > Math.max(SMALL, this.#laidOutFor / 2);
  }

  /** Lays the uppers out anew for the first `used` rows. Some 200 ms for a million. */
  layOut(used: number): void {
    this.#uppers = uppersFor(this.values, used);
    this.#upTo = Array.from(this.#uppers, () => makeBits(this.#rows));
    for (let row = 0; row < used; row++) {
      addRow(this.#setUpTo(this.#partOf(this.values[row] ?? UNKNOWN)), row);
    }
    for (const [j, bits] of this.#upTo.entries()) {
      const before = this.#upTo[j - 1];
      if (before === undefined) continue;
      for (let w = 0; w < bits.length; w++) bits[w] = (bits[w] ?? 0) | (before[w] ?? 0);
    }
    this.#upTo.at(-1)?.fill(-1);
    this.#changes = 0;
    this.#laidOutFor = used;
  }

  /** The least known value that a block may have; UNKNOWN when all its rows' are unknown. */
  lowestIn(block: number): number {
    return this.#lowest[block] ?? UNKNOWN;
  }

  /** The highest known value that a block may have; UNKNOWN when all its rows' are unknown. */
  highestIn(block: number): number {
    return this.lowestIn(block) === UNKNOWN ? UNKNOWN : (this.#highest[block] ?? UNKNOWN);
  }

  hasUnknownIn(block: number): boolean {
    return this.#hasUnknown[block] !== 0;
  }

  /** Of these blocks those that may have rows between these two, both included. */
  blocksBetween(scope: Scope, least: number, most: number): Scope {
    const between = scope.slice();
    let count = 0;
    for (let i = 0; i < scope.length; i++) {
      const block = scope[i] ?? 0;
      if (this.#mayHave(block, least, most)) between[count++] = block;
    }
    return between.subarray(0, count);
  }

  #mayHave(block: number, least: number, most: number): boolean {
    return (this.#highest[block] ?? 0) >= least && (this.#lowest[block] ?? UNKNOWN) <= most;
  }

  /** Keeps the rows whose value is known and between these two, both included. */
  keepBetween(rows: Rows, least: number, most: number): void {
    rows.scope = this.blocksBetween(rows.scope, least, most);
    this.#keepAtMost(rows, Math.min(most, KNOWN_MOST), true);
    if (least > 0) this.#keepAtMost(rows, least - 1, false);
  }

  /** Keeps the rows whose value is at most this; `asked` false: those whose value is higher. */
  #keepAtMost(rows: Rows, most: number, asked: boolean): void {
    const { bits, scope } = rows;
    const { sure, maybe } = this.#around(most);
    const flip = asked ? 0 : -1;
    let kept = 0;
    for (let i = 0; i < scope.length; i++) {
      const block = scope[i] ?? 0;
      if (asked ? this.#isAtMost(block, most) : this.lowestIn(block) > most) {
        scope[kept++] = block;
        continue;
      }
      const start = block * BLOCK_WORDS;
      let left = 0;
      for (let w = start; w < start + BLOCK_WORDS; w++) {
        const all = bits[w] ?? 0;
        let atMost = sure[w] ?? 0;
        const unsure = all & (maybe[w] ?? 0) & ~atMost;
        if (unsure !== 0) atMost |= this.#atMost(unsure, w, most);
        const word = all & (atMost ^ flip);
        bits[w] = word;
        left |= word;
      }
      if (left !== 0) scope[kept++] = block;
    }
    rows.scope = scope.subarray(0, kept);
  }

  /** Whether all rows of a block are known and at most this. */
  #isAtMost(block: number, most: number): boolean {
    return !this.hasUnknownIn(block) && (this.#highest[block] ?? UNKNOWN) <= most;
  }

  /** Two sets: the rows between these two are in the first and not in the second, and few others are. */
  around(least: number, most: number): { within: Bits; under: Bits } {
    const under = least === 0 ? this.#nobody : this.#around(least - 1).sure;
    return { within: this.#setUpTo(this.#partOf(most)), under };
  }

  /** The rows that are surely at most this, and those that may be. */
  #around(most: number): { sure: Bits; maybe: Bits } {
    const part = this.#partOf(most);
    const maybe = this.#setUpTo(part);
    if (this.#uppers[part] === most) return { sure: maybe, maybe };
    return { sure: part === 0 ? this.#nobody : this.#setUpTo(part - 1), maybe };
  }

  /** Of a word's rows those whose value is at most this. */
  #atMost(rows: number, w: number, most: number): number {
    let kept = 0;
    for (let rest = rows; rest !== 0; rest &= rest - 1) {
      if ((this.values[w * 32 + lowestBit(rest)] ?? UNKNOWN) <= most) kept |= rest & -rest;
    }
    return kept;
  }
}
