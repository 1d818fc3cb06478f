import { wasm } from "../kernels/generated/kernels.ts";
import { type Bits, BLOCK_ROWS, type Rows } from "./bits.ts";

const kernels = new WebAssembly.Module(Uint8Array.from(atob(wasm), (letter) => letter.charCodeAt(0)));

type KernelName =
  | "keepCommon"
  | "keepCommonWithAny"
  | "keepBlocks"
  | "keepAtMost"
  | "countInBlock"
  | "listRows"
  | "tally"
  | "sumByCode";
/** The kernels as they are exported (kernels/kernels.ts has what they do): addresses and counts. */
type Kernels = Readonly<Record<KernelName, (...args: number[]) => number>>;

/** What stands for many numbers in a memory. */
type Numbers = Int32Array | Uint8Array | Uint16Array | Uint32Array | Float64Array;
type NumbersType<Made extends Numbers> = {
  new (buffer: ArrayBufferLike, address: number, length: number): Made;
  readonly BYTES_PER_ELEMENT: number;
};

const PAGE = 65_536;
/** 4 GiB, which is what an address of a kernel reaches: offers for some eight million rows. */
const MOST_PAGES = 65_536;
/** It grows by a part of what it has, so that it seldom does; pages that nothing was written to take no room. */
const GROWTH = 8;
/** What a vector needs. */
const ALIGNMENT = 16;

/**
 * The memory of an index for so many rows, where the kernels reach it: its sets and numbers, and sets to work in. It is
 * shared, though one thread alone uses it, because growing a shared memory leaves the views of it as they are. An index
 * that needs more rows takes a new one; this one goes as a whole.
 */
export class RowMemory {
  readonly rows: number;
  readonly #memory = new WebAssembly.Memory({ initial: 1, maximum: MOST_PAGES, shared: true });
  readonly #kernels: Kernels;
  /** Nothing lies at 0. */
  #used = ALIGNMENT;
  #list: Int32Array;
  #totals: Float64Array;
  readonly #count: Uint32Array;
  readonly #rowsFound: Uint32Array;
  readonly #spareBits: Bits[] = [];
  readonly #spareRows: Rows[] = [];

  /** `bytes`: so many are there at once. Throws RangeError beyond 4 GiB. */
  constructor(rows: number, bytes = 0) {
    this.rows = rows;
    this.#reach(bytes);
    const { exports } = new WebAssembly.Instance(kernels, { env: { memory: this.#memory } });
    this.#kernels = exports as Kernels;
    this.#count = this.numbers(Uint32Array, 1);
    this.#rowsFound = this.numbers(Uint32Array, BLOCK_ROWS);
    this.#list = this.numbers(Int32Array, 64);
    this.#totals = this.numbers(Float64Array, 64);
  }

  /** So many numbers, those of `from` first and then 0. */
  numbers<Made extends Numbers>(type: NumbersType<Made>, length: number, from?: Made): Made {
    const address = this.#used;
    this.#used += Math.ceil((length * type.BYTES_PER_ELEMENT) / ALIGNMENT) * ALIGNMENT;
    this.#reach(this.#used);
    const made = new type(this.#memory.buffer, address, length);
    if (from !== undefined) made.set(from);
    return made;
  }

  #reach(bytes: number): void {
    const pages = this.#memory.buffer.byteLength / PAGE;
    const missing = Math.ceil(bytes / PAGE) - pages;
    if (missing <= 0) return;
    this.#memory.grow(Math.max(missing, Math.min(Math.ceil(pages / GROWTH), MOST_PAGES - pages)));
  }

  /** Bytes handed out. */
  get used(): number {
    return this.#used;
  }

  /** A set that has the rows of `from`, or none. */
  bits(from?: Bits): Bits {
    const spare = this.#spareBits.pop()?.fill(0);
    const bits = spare ?? this.numbers(Int32Array, this.rows / 32);
    if (from !== undefined) bits.set(from);
    return bits;
  }

  /** A set with any rows. */
  borrowBits(): Bits {
    return this.#spareBits.pop() ?? this.numbers(Int32Array, this.rows / 32);
  }

  /** A set that is not needed any more. */
  freeBits(bits: Bits): void {
    this.#spareBits.push(bits);
  }

  /** All rows of a set, and no blocks yet: to take some out, as long as the set stays as it is. Give it back. */
  borrow(bits: Bits): Rows {
    const made = this.#spareRows.pop() ?? {
      bits,
      own: this.bits(),
      scope: this.numbers(Int32Array, this.rows / BLOCK_ROWS),
      blocks: 0,
    };
    made.bits = bits;
    made.blocks = 0;
    return made;
  }

  giveBack(rows: Rows): void {
    this.#spareRows.push(rows);
  }

  /** The same rows again, to take some out, as long as these stay as they are. Give it back. */
  copyOf(rows: Rows): Rows {
    const copy = this.borrow(rows.bits);
    copy.scope.set(rows.scope.subarray(0, rows.blocks));
    copy.blocks = rows.blocks;
    return copy;
  }

  /** Keeps the rows that the other set has too; `asked` false: those that it does not have. */
  keepCommon(rows: Rows, other: Bits, asked = true): void {
    rows.blocks = this.#kernels.keepCommon(
      rows.bits.byteOffset,
      rows.own.byteOffset,
      rows.scope.byteOffset,
      rows.blocks,
      other.byteOffset,
      asked ? 0 : -1,
    );
    rows.bits = rows.own;
  }

  /** Keeps the rows that any of these sets has; `asked` false: those that none has. */
  keepCommonWithAny(rows: Rows, sets: readonly Bits[], asked = true): void {
    const [only] = sets;
    if (only !== undefined && sets.length === 1) {
      this.keepCommon(rows, only, asked);
      return;
    }
    rows.blocks = this.#kernels.keepCommonWithAny(
      rows.bits.byteOffset,
      rows.own.byteOffset,
      rows.scope.byteOffset,
      rows.blocks,
      this.#listOf(sets),
      sets.length,
      asked ? 0 : -1,
    );
    rows.bits = rows.own;
  }

  /** Leaves those blocks in the scope that may have values between these two, both included. */
  keepBlocks(rows: Rows, { lowest, highest }: Ranges, least: number, most: number): void {
    const { scope, blocks } = rows;
    rows.blocks = this.#kernels.keepBlocks(
      scope.byteOffset,
      blocks,
      lowest.byteOffset,
      highest.byteOffset,
      least,
      most,
    );
  }

  /**
   * Keeps the rows whose value is at most this; `asked` false: those whose value is higher. Rows in `sure` are at most that,
   * and none outside `maybe` is.
   */
  keepAtMost(
    rows: Rows,
    most: number,
    { sure, maybe }: { sure: Bits; maybe: Bits },
    { values, lowest, highest, unknowns }: Ranges,
    asked = true,
  ): void {
    rows.blocks = this.#kernels.keepAtMost(
      rows.bits.byteOffset,
      rows.own.byteOffset,
      rows.scope.byteOffset,
      rows.blocks,
      sure.byteOffset,
      maybe.byteOffset,
      values.byteOffset,
      lowest.byteOffset,
      highest.byteOffset,
      unknowns.byteOffset,
      most,
      asked ? 0 : -1,
    );
    rows.bits = rows.own;
  }

  /** How many rows of a block are in the sets of what is wanted. */
  countInBlock(block: number, bits: Bits, { within, cheap, under }: WantedRows): number {
    return this.#kernels.countInBlock(
      block,
      bits.byteOffset,
      within.byteOffset,
      cheap.byteOffset,
      under.byteOffset,
    );
  }

  /** The rows of a block that are wanted. The answer is good until the next. */
  listRows(block: number, bits: Bits, wanted: WantedRows): Uint32Array {
    const { within, cheap, under, values, least, most, prices, orders, worst } = wanted;
    const count = this.#kernels.listRows(
      block,
      bits.byteOffset,
      within.byteOffset,
      cheap.byteOffset,
      under.byteOffset,
      values.byteOffset,
      least,
      most,
      prices.byteOffset,
      orders.byteOffset,
      worst.value,
      worst.price,
      worst.order,
      this.#rowsFound.byteOffset,
    );
    return this.#rowsFound.subarray(0, count);
  }

  /**
   * How many rows there are, and the sum of their numbers, of which `slices` has a set for each bit. Of whole blocks both are
   * known.
   */
  tally(rows: Rows, slices: readonly Bits[], counts: Uint32Array, sums: Float64Array): Tally {
    const sum = this.#kernels.tally(
      rows.bits.byteOffset,
      rows.scope.byteOffset,
      rows.blocks,
      this.#listOf(slices),
      slices.length,
      counts.byteOffset,
      sums.byteOffset,
      this.#count.byteOffset,
    );
    return { count: this.#count[0] ?? 0, sum };
  }

  /**
   * Of each code below `known` the sum of the numbers of its rows, of the blocks with the first `most` rows. The answer is
   * good until the next.
   */
  sumByCode(
    rows: Rows,
    codes: Uint16Array,
    numbers: Uint32Array,
    { known, most }: { known: number; most: number },
  ): Float64Array {
    if (known > this.#totals.length) this.#totals = this.numbers(Float64Array, 2 * known);
    const totals = this.#totals.subarray(0, known).fill(0);
    this.#kernels.sumByCode(
      rows.bits.byteOffset,
      rows.scope.byteOffset,
      rows.blocks,
      codes.byteOffset,
      numbers.byteOffset,
      totals.byteOffset,
      known,
      most,
    );
    return totals;
  }

  /** The address of a list of these sets, until the next. */
  #listOf(sets: readonly Bits[]): number {
    if (sets.length > this.#list.length) this.#list = this.numbers(Int32Array, 2 * sets.length);
    const list = this.#list;
    for (let i = 0; i < sets.length; i++) list[i] = sets[i]?.byteOffset ?? 0;
    return list.byteOffset;
  }
}

export type Tally = { count: number; sum: number };

/** A column's values, and by block the range of the known ones and whether there are others. */
export type Ranges = { values: Uint32Array; lowest: Uint32Array; highest: Uint32Array; unknowns: Uint8Array };

/**
 * Rows with values from `least` to `most`, those left out that come after the worst: all are in `within` and `cheap` and not
 * in `under`.
 */
export type WantedRows = {
  within: Bits;
  under: Bits;
  cheap: Bits;
  values: Uint32Array;
  least: number;
  most: number;
  prices: Uint32Array;
  orders: Float64Array;
  worst: { value: number; price: number; order: number };
};
