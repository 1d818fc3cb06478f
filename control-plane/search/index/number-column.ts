import {
  addRow,
  type Bits,
  BLOCK_ROWS,
  BLOCK_WORDS,
  dropRow,
  grownBits,
  makeBits,
  type Rows,
} from "./bits.ts";

/** The code of a value that nobody knows: no bound holds for it. */
export const UNKNOWN = 0xffff_ffff;
const KNOWN_MOST = UNKNOWN - 1;

/** Below this many rows all are looked at. */
const SMALL = 2048;
const PARTS = 64;
const SAMPLE = 32_768;

/**
 * One number of each row, as an unsigned 32-bit code, with cumulative sets over it: `upTo[j]` holds the rows whose value
 * is at most `uppers[j]`. A bound is one pass over one or two such sets; only rows between two uppers are looked at one
 * by one. The uppers follow the values' distribution when they are laid out (`layOut`), and a frequent value has a part
 * of its own. A change of one value moves one row's bits and no more. Of each block the least and the highest value that
 * it has had are known: blocks that can't or must fulfil a bound are passed over.
 */
export class NumberColumn {
  values: Uint32Array;
  /** Rising; the last but one is the highest known value, the last is UNKNOWN. */
  uppers: Uint32Array = Uint32Array.of(KNOWN_MOST, UNKNOWN);
  /** One set less than uppers: all rows are at most UNKNOWN. */
  upTo: Bits[];
  #lowest: Uint32Array;
  #highest: Uint32Array;
  #rows: number;
  #changes = 0;
  #laidOutFor = 0;

  constructor(rows: number) {
    this.#rows = rows;
    this.values = new Uint32Array(rows).fill(UNKNOWN);
    this.upTo = [makeBits(rows)];
    this.#lowest = new Uint32Array(rows / BLOCK_ROWS).fill(UNKNOWN);
    this.#highest = new Uint32Array(rows / BLOCK_ROWS);
  }

  grow(rows: number): void {
    const values = new Uint32Array(rows).fill(UNKNOWN);
    values.set(this.values);
    this.values = values;
    this.upTo = this.upTo.map((bits) => grownBits(bits, rows));
    const [lowest, highest] = [this.#lowest, this.#highest];
    this.#lowest = new Uint32Array(rows / BLOCK_ROWS).fill(UNKNOWN);
    this.#highest = new Uint32Array(rows / BLOCK_ROWS);
    this.#lowest.set(lowest);
    this.#highest.set(highest);
    this.#rows = rows;
  }

  set(row: number, value: number): void {
    const block = Math.floor(row / BLOCK_ROWS);
    if (value < (this.#lowest[block] ?? 0)) this.#lowest[block] = value;
    if (value > (this.#highest[block] ?? 0)) this.#highest[block] = value;
    const old = this.values[row] ?? UNKNOWN;
    if (old === value) return;
    this.values[row] = value;
    this.#changes += 1;
    const [from, to] = [this.partOf(old), this.partOf(value)];
    for (let j = to; j < from; j++) this.#change(j, row, addRow);
    for (let j = from; j < to; j++) this.#change(j, row, dropRow);
  }

  #change(part: number, row: number, change: (bits: Bits, row: number) => void): void {
    const bits = this.upTo[part];
    if (bits !== undefined) change(bits, row);
  }

  /** The first part whose upper is at least this value. */
  partOf(value: number): number {
    let [low, high] = [0, this.uppers.length - 1];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.uppers[middle] ?? 0) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Whether all rows of a part have the same value. */
  isOneValue(part: number): boolean {
    return (this.uppers[part] ?? 0) - (part === 0 ? -1 : (this.uppers[part - 1] ?? 0)) === 1;
  }

  /** Whether so much has changed that the parts no longer fit the values. */
  get isOutOfShape(): boolean {
    return this.#changes > Math.max(SMALL, this.#laidOutFor / 2);
  }

  /** Lays the uppers out anew for the first `used` rows. Some 40 ms for a million. */
  layOut(used: number): void {
    this.uppers = uppersFor(this.values, used);
    this.upTo = Array.from({ length: this.uppers.length - 1 }, () => makeBits(this.#rows));
    for (let row = 0; row < used; row++) {
      const bits = this.upTo[this.partOf(this.values[row] ?? UNKNOWN)];
      if (bits !== undefined) addRow(bits, row);
    }
    for (const [j, bits] of this.upTo.entries()) {
      const before = this.upTo[j - 1];
      if (before === undefined) continue;
      for (let w = 0; w < bits.length; w++) bits[w] = (bits[w] ?? 0) | (before[w] ?? 0);
    }
    this.#changes = 0;
    this.#laidOutFor = used;
  }

  /** Whether a block may have rows between these two, both included. */
  mayHave(block: number, least: number, most: number): boolean {
    return (this.#highest[block] ?? 0) >= least && (this.#lowest[block] ?? UNKNOWN) <= most;
  }

  /** Keeps the rows whose value is known and between these two, both included. */
  keepBetween(rows: Rows, least: number, most: number): void {
    this.#keepAtMost(rows, Math.min(most, KNOWN_MOST));
    if (least > 0) this.#dropAtMost(rows, least - 1);
  }

  #keepAtMost({ bits, scope }: Rows, most: number): void {
    const part = this.partOf(most);
    const [under, within] = [this.upTo[part - 1], this.upTo[part]];
    if (within === undefined) return;
    const isExact = this.uppers[part] === most;
    for (let i = 0; i < scope.length; i++) {
      const block = scope[i] ?? 0;
      if ((this.#highest[block] ?? UNKNOWN) <= most) continue;
      const start = block * BLOCK_WORDS;
      for (let w = start; w < start + BLOCK_WORDS; w++) {
        const some = (bits[w] ?? 0) & (within[w] ?? 0);
        const sure = isExact ? some : under === undefined ? 0 : some & (under[w] ?? 0);
        bits[w] = some === sure ? sure : sure | this.#atMost(some & ~sure, w, most);
      }
    }
  }

  #dropAtMost({ bits, scope }: Rows, most: number): void {
    const part = this.partOf(most);
    const [under, within] = [this.upTo[part - 1], this.upTo[part]];
    if (within === undefined) return;
    const isExact = this.uppers[part] === most;
    for (let i = 0; i < scope.length; i++) {
      const block = scope[i] ?? 0;
      if ((this.#lowest[block] ?? 0) > most) continue;
      const start = block * BLOCK_WORDS;
      for (let w = start; w < start + BLOCK_WORDS; w++) {
        const all = bits[w] ?? 0;
        const some = isExact ? all & ~(within[w] ?? 0) : under === undefined ? all : all & ~(under[w] ?? 0);
        const unsure = isExact ? 0 : some & (within[w] ?? 0);
        bits[w] = unsure === 0 ? some : some & ~this.#atMost(unsure, w, most);
      }
    }
  }

  /** Of a word's rows those whose value is at most this. */
  #atMost(rows: number, w: number, most: number): number {
    let kept = 0;
    for (let rest = rows; rest !== 0; rest &= rest - 1) {
      const bit = rest & -rest;
      if ((this.values[(w << 5) + 31 - Math.clz32(bit)] ?? UNKNOWN) <= most) kept |= bit;
    }
    return kept;
  }
}

/** Parts of about equal size after a sample of the values; a value that would fill a part has one of its own. */
function uppersFor(values: Uint32Array, used: number): Uint32Array {
  const uppers: number[] = [];
  const push = (upper: number) => {
    if (upper >= 0 && upper < KNOWN_MOST && upper > (uppers.at(-1) ?? -1)) uppers.push(upper);
  };
  if (used >= SMALL) {
    const stride = Math.max(1, Math.floor(used / SAMPLE));
    const sample = values.slice(0, used).filter((value, row) => row % stride === 0 && value !== UNKNOWN);
    sample.sort();
    const part = Math.max(1, sample.length / PARTS);
    let inPart = 0;
    for (let i = 0; i < sample.length; ) {
      const value = sample[i] ?? 0;
      let end = i + 1;
      while (sample[end] === value) end++;
      if (end - i >= part) push(value - 1);
      inPart = end - i >= part ? part : inPart + end - i;
      if (inPart >= part) {
        push(value);
        inPart = 0;
      }
      i = end;
    }
  }
  return Uint32Array.from([...uppers, KNOWN_MOST, UNKNOWN]);
}
