import { addRow, type Bits, BLOCK_ROWS, blockOf, dropRow, type Rows } from "../rows/bits.ts";
import type { Ranges, RowMemory } from "../rows/row-memory.ts";
import { KNOWN_MOST, SMALL, UNKNOWN, uppersFor } from "./uppers.ts";

/**
 * One number of each row, as an unsigned 32-bit code, with cumulative sets over it: `upTo[j]` holds the rows whose value
 * is at most `uppers[j]`. A bound is one pass over such sets; only rows between two uppers are looked at one by one. The
 * uppers follow the values' distribution when they are laid out (`layOut`), and a frequent value has a part of its own. A
 * change of one value moves one row's bits and no more. Of each block the range of the values that it has had is known:
 * blocks that can't or must fulfil a bound are passed over.
 */
export class NumberColumn {
  #ranges: Ranges;
  /** The parts' highest values, rising; the last but one is the highest known value, the last is UNKNOWN. */
  uppers: Uint32Array = Uint32Array.of(KNOWN_MOST, UNKNOWN);
  #memory: RowMemory;
  /** The last has all rows. */
  #upTo: Bits[];
  #nobody: Bits;
  #changes = 0;
  #laidOutFor = 0;

  constructor(memory: RowMemory) {
    const blocks = memory.rows / BLOCK_ROWS;
    this.#memory = memory;
    this.#ranges = {
      values: memory.numbers(Uint32Array, memory.rows).fill(UNKNOWN),
      lowest: memory.numbers(Uint32Array, blocks).fill(UNKNOWN),
      highest: memory.numbers(Uint32Array, blocks),
      unknowns: memory.numbers(Uint8Array, blocks),
    };
    this.#upTo = [memory.bits(), memory.bits().fill(-1)];
    this.#nobody = memory.bits();
  }

  get values(): Uint32Array {
    return this.#ranges.values;
  }

  /** Moves to a memory for more rows. */
  grow(memory: RowMemory): void {
    const { values, lowest, highest, unknowns } = this.#ranges;
    const blocks = memory.rows / BLOCK_ROWS;
    this.#memory = memory;
    this.#ranges = {
      values: memory.numbers(Uint32Array, memory.rows, values).fill(UNKNOWN, values.length),
      lowest: memory.numbers(Uint32Array, blocks, lowest).fill(UNKNOWN, lowest.length),
      highest: memory.numbers(Uint32Array, blocks, highest),
      unknowns: memory.numbers(Uint8Array, blocks, unknowns),
    };
    this.#upTo = this.#upTo.map((bits) => memory.bits(bits));
    this.#upTo.at(-1)?.fill(-1);
    this.#nobody = memory.bits();
  }

  set(row: number, value: number): void {
    const block = blockOf(row);
    const { values, lowest, highest, unknowns } = this.#ranges;
    if (value === UNKNOWN) unknowns[block] = 1;
    else {
      if (value < (lowest[block] ?? 0)) lowest[block] = value;
      if (value > (highest[block] ?? 0)) highest[block] = value;
    }
    const old = values[row] ?? UNKNOWN;
    if (old === value) return;
    values[row] = value;
    this.#changes += 1;
    const from = this.#partOf(old);
    const to = this.#partOf(value);
    for (let j = to; j < from; j++) addRow(this.#setUpTo(j), row);
    for (let j = from; j < to; j++) dropRow(this.#setUpTo(j), row);
  }

  /** Forgets the range of a block that holds nothing. */
  clearBlock(block: number): void {
    this.#ranges.lowest[block] = UNKNOWN;
    this.#ranges.highest[block] = 0;
    this.#ranges.unknowns[block] = 0;
  }

  #setUpTo(part: number): Bits {
    const bits = this.#upTo[part];
    if (bits === undefined) throw new Error(`invariant broken: a column has no part ${part}`);
    return bits;
  }

  /** The first part whose upper is at least this value. */
  #partOf(value: number): number {
    let [low, high] = [0, this.uppers.length - 1];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.uppers[middle] ?? 0) < value) low = middle + 1;
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
    this.uppers = uppersFor(this.values, used);
    for (const bits of this.#upTo) this.#memory.freeBits(bits);
    this.#upTo = Array.from(this.uppers, () => this.#memory.bits());
    for (let row = 0; row < used; row++) {
      addRow(this.#setUpTo(this.#partOf(this.values[row] ?? UNKNOWN)), row);
    }
    for (const [j, bits] of this.#upTo.entries()) {
      const before = this.#upTo[j - 1];
      if (before === undefined) continue;
      for (let w = 0; w < used / 32; w++) bits[w] = (bits[w] ?? 0) | (before[w] ?? 0);
    }
    this.#upTo.at(-1)?.fill(-1);
    this.#changes = 0;
    this.#laidOutFor = used;
  }

  /** The least known value that a block may have; UNKNOWN when all its rows' are unknown. */
  lowestIn(block: number): number {
    return this.#ranges.lowest[block] ?? UNKNOWN;
  }

  /** The highest known value that a block may have; UNKNOWN when all its rows' are unknown. */
  highestIn(block: number): number {
    return this.lowestIn(block) === UNKNOWN ? UNKNOWN : (this.#ranges.highest[block] ?? UNKNOWN);
  }

  hasUnknownIn(block: number): boolean {
    return this.#ranges.unknowns[block] !== 0;
  }

  /** Leaves those blocks in a set's scope that may have rows between these two, both included. */
  keepBlocks(rows: Rows, least: number, most: number): void {
    this.#memory.keepBlocks(rows, this.#ranges, least, most);
  }

  /** Keeps the rows whose value is known and between these two, both included. */
  keepBetween(rows: Rows, least: number, most: number): void {
    const highest = Math.min(most, KNOWN_MOST);
    this.#memory.keepAtMost(rows, highest, this.#around(highest), this.#ranges);
    if (least > 0) this.#memory.keepAtMost(rows, least - 1, this.#around(least - 1), this.#ranges, false);
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
    if (this.uppers[part] === most) return { sure: maybe, maybe };
    return { sure: part === 0 ? this.#nobody : this.#setUpTo(part - 1), maybe };
  }
}
