import {
  addRow,
  type Bits,
  BLOCK_ROWS,
  BLOCK_WORDS,
  blockOf,
  dropRow,
  lowestBit,
  type Rows,
} from "./bits.ts";
import type { RowMemory } from "./row-memory.ts";

/** All that is of one model. */
type ModelPartitions = { name: string; blocks: Set<number>; partitions: Map<number | null, Partition> };
/** Blocks of one model's offers, of any price (null) or of about one. */
type Partition = { model: ModelPartitions; prices: number | null; withRoom: Set<number> };

/** Until a model has so many blocks, it is not divided by price. */
const UNDIVIDED = 2;
/** Prices in one partition differ by less than a fifth. */
const PARTITIONS_AN_OCTAVE = 4;

/**
 * Which rows hold an offer, and which offers share a block: those of one model, since most queries name a model and much
 * follows from it, and of about one price, since most queries bound it or ask for the cheapest. So most blocks fulfil such
 * a condition as a whole or not at all. A block that all have left is anybody's again.
 */
export class Partitions {
  /** The rows that hold an offer. */
  live: Bits;
  readonly #models = new Map<string, ModelPartitions>();
  /** By block: its partition, and how many offers it holds. */
  readonly #partitionOf: (Partition | undefined)[] = [];
  counts: Uint32Array;
  readonly #empty: number[] = [];

  constructor(memory: RowMemory) {
    this.live = memory.bits();
    this.counts = memory.numbers(Uint32Array, memory.rows / BLOCK_ROWS);
  }

  /** Moves to a memory for more rows. */
  grow(memory: RowMemory): void {
    this.live = memory.bits(this.live);
    this.counts = memory.numbers(Uint32Array, memory.rows / BLOCK_ROWS, this.counts);
  }

  /** How many blocks there are, the empty ones included. */
  get blocks(): number {
    return this.#partitionOf.length;
  }

  /** Makes those blocks a set's scope that hold offers of the models that fit; of any model, where none is asked for. */
  limit(rows: Rows, fits: ((model: string) => boolean) | null): void {
    const { scope } = rows;
    let count = 0;
    if (fits === null) {
      // In order, as memory is read fastest.
      for (let block = 0; block < this.blocks; block++) if (this.counts[block] !== 0) scope[count++] = block;
    } else {
      for (const [model, { blocks }] of this.#models) {
        if (fits(model)) for (const block of blocks) scope[count++] = block;
      }
    }
    rows.blocks = count;
  }

  /** Whether a row is where an offer of its block's model and of this price belongs. */
  isAtHome(row: number, price: number): boolean {
    const { prices } = this.#partitionAt(row);
    return prices === null || prices === partitionOfPrice(price);
  }

  /** A row for an offer. */
  take(model: string, price: number): number {
    const partition = this.#partitionFor(model, price);
    const [block = this.#takeBlock(partition)] = partition.withRoom;
    const row = this.#unusedIn(block);
    addRow(this.live, row);
    const count = (this.counts[block] ?? 0) + 1;
    this.counts[block] = count;
    if (count === BLOCK_ROWS) partition.withRoom.delete(block);
    return row;
  }

  /** The offer of this row is gone. Tells whether its whole block is empty now. */
  giveBack(row: number): boolean {
    const [block, partition] = [blockOf(row), this.#partitionAt(row)];
    dropRow(this.live, row);
    const count = (this.counts[block] ?? 0) - 1;
    this.counts[block] = count;
    partition.withRoom.add(block);
    if (count > 0) return false;
    partition.withRoom.delete(block);
    partition.model.blocks.delete(block);
    if (partition.model.blocks.size === 0) this.#models.delete(partition.model.name);
    this.#partitionOf[block] = undefined;
    this.#empty.push(block);
    return true;
  }

  #partitionAt(row: number): Partition {
    const partition = this.#partitionOf[blockOf(row)];
    if (partition === undefined) throw new Error(`invariant broken: row ${row} is on no partition`);
    return partition;
  }

  #partitionFor(name: string, price: number): Partition {
    const model = this.#models.get(name) ?? {
      name,
      blocks: new Set<number>(),
      partitions: new Map<number | null, Partition>(),
    };
    this.#models.set(name, model);
    const partition = (prices: number | null): Partition => {
      const made = model.partitions.get(prices) ?? { model, prices, withRoom: new Set() };
      model.partitions.set(prices, made);
      return made;
    };
    const undivided = partition(null);
    const hasRoom = undivided.withRoom.size > 0 || model.blocks.size < UNDIVIDED;
    return hasRoom ? undivided : partition(partitionOfPrice(price));
  }

  #takeBlock(partition: Partition): number {
    const block = this.#empty.pop() ?? this.blocks;
    this.counts[block] = 0;
    this.#partitionOf[block] = partition;
    partition.model.blocks.add(block);
    partition.withRoom.add(block);
    return block;
  }

  #unusedIn(block: number): number {
    const start = block * BLOCK_WORDS;
    for (let w = start; w < start + BLOCK_WORDS; w++) {
      const unused = ~(this.live[w] ?? 0);
      if (unused !== 0) return w * 32 + lowestBit(unused);
    }
    throw new Error(`invariant broken: block ${block} was said to have room`);
  }
}

const partitionOfPrice = (price: number): number => Math.floor(Math.log2(price + 1) * PARTITIONS_AN_OCTAVE);
