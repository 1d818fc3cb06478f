import type { Offer, Supply } from "@ionet/protocol";
import { NameColumn } from "./columns/name-column.ts";
import { NumberColumn } from "./columns/number-column.ts";
import { WordColumn } from "./columns/word-column.ts";
import { numberNames, numberOf, offerId, wordNames, wordOf } from "./offer-columns.ts";
import { BLOCK_ROWS, type Rows } from "./rows/bits.ts";
import { Partitions } from "./rows/partitions.ts";
import { RowMemory } from "./rows/row-memory.ts";
import { RowSum } from "./rows/row-sum.ts";

const FIRST_ROWS = 4 * BLOCK_ROWS;

/**
 * All offers with something free, in memory, column by column, so that a query is a few passes over sets of bits. A cache
 * over the database's rows: losing it loses a reload. One row an offer; a row that is given up is used again.
 */
export class OfferIndex {
  memory = new RowMemory(FIRST_ROWS);
  readonly numbers = record(numberNames, () => new NumberColumn(this.memory));
  readonly words = record(wordNames, () => new WordColumn(this.memory));
  readonly suppliers = new NameColumn();
  readonly nodes = new NameColumn();
  readonly #gpusFree = new RowSum(this.memory);
  readonly #partitions = new Partitions(this.memory);
  readonly #offers: (Offer | undefined)[] = [];
  readonly #ids: string[] = [];
  /** The order of ids as far as their first letters tell it. */
  idOrder = this.memory.numbers(Float64Array, FIRST_ROWS);
  readonly #rowOf = new Map<string, number>();

  get size(): number {
    return this.#rowOf.size;
  }

  /** Puts an offer in, or in the place of what it was before; one with nothing free is taken out. */
  put(offer: Offer): void {
    const id = offerId(offer);
    if (offer.gpusFree <= 0) {
      this.remove(id);
      return;
    }
    const price = numberOf("price", offer);
    const old = this.#rowOf.get(id);
    if (old !== undefined && !this.#partitions.isAtHome(old, price)) this.remove(id);
    const row = this.#rowOf.get(id) ?? this.#takeRow(id, offer.gpuModel, price);
    this.#offers[row] = offer;
    for (const name of numberNames) this.numbers[name].set(row, numberOf(name, offer));
    for (const name of wordNames) this.words[name].set(row, wordOf(name, offer));
    this.suppliers.set(row, offer.supplier);
    this.nodes.set(row, offer.nodeId);
    this.#gpusFree.set(row, offer.gpusFree);
  }

  /** Takes an offer out; nothing when it is not there. Most columns of its row stay as they are: only live rows are found. */
  remove(id: string): void {
    const row = this.#rowOf.get(id);
    if (row === undefined) return;
    this.#rowOf.delete(id);
    this.#offers[row] = undefined;
    this.#gpusFree.set(row, 0);
    // Anybody may call a GPU anything: names that nobody offers any more must not stay.
    this.words.gpuModel.set(row, null);
    if (!this.#partitions.giveBack(row)) return;
    for (const name of numberNames) this.numbers[name].clearBlock(Math.floor(row / BLOCK_ROWS));
  }

  /**
   * Fits the columns to what has changed since. At most `columns` of them a call, each some 200 ms for a million offers,
   * so that no search waits for long; a column out of shape is slower, never wrong.
   */
  settle(columns = 1): void {
    const outOfShape = numberNames.map((name) => this.numbers[name]).filter((column) => column.isOutOfShape);
    for (const column of outOfShape.slice(0, columns)) column.layOut(this.#partitions.blocks * BLOCK_ROWS);
  }

  /** The offer of a live row. */
  offerAt(row: number): Offer {
    const offer = this.#offers[row];
    if (offer === undefined) throw new Error(`invariant broken: row ${row} of the offers' index is empty`);
    return offer;
  }

  offerWith(id: string): Offer | undefined {
    return this.#offers[this.#rowOf.get(id) ?? -1];
  }

  idAt(row: number): string {
    return this.#ids[row] ?? "";
  }

  ids(): IterableIterator<string> {
    return this.#rowOf.keys();
  }

  /** All offers of the models that fit, in those blocks of theirs that `limit` leaves; give them back. */
  rowsOf(fits: ((model: string) => boolean) | null, limit: (rows: Rows) => void): Rows {
    const rows = this.memory.borrow(this.#partitions.live);
    this.#partitions.limit(rows, fits);
    limit(rows);
    return rows;
  }

  /** How many offers a set holds, and how many GPUs are free in them. */
  tally(rows: Rows): Supply {
    const { count, sum } = this.#gpusFree.tally(rows, this.#partitions.counts);
    return { offers: count, gpusFree: sum };
  }

  #takeRow(id: string, model: string, price: number): number {
    if (this.#partitions.blocks * BLOCK_ROWS === this.memory.rows) this.#grow(this.memory.rows * 2);
    const row = this.#partitions.take(model, price);
    this.#ids[row] = id;
    this.idOrder[row] = orderOfId(id);
    this.#rowOf.set(id, row);
    return row;
  }

  #grow(rows: number): void {
    // Twice the bytes hold twice the rows: where they can't be had, nothing has moved yet.
    const memory = new RowMemory(rows, 2 * this.memory.used);
    for (const name of numberNames) this.numbers[name].grow(memory);
    for (const name of wordNames) this.words[name].grow(memory);
    this.#gpusFree.grow(memory);
    this.#partitions.grow(memory);
    this.memory = memory;
    this.idOrder = memory.numbers(Float64Array, rows, this.idOrder);
  }
}

const ID_PREFIX = "nod_".length;
const ID_LETTERS = 6;

/** Six letters of a node's id as one number, in the order of the letters: most ids differ there already. */
export function orderOfId(id: string): number {
  let order = 0;
  for (let at = ID_PREFIX; at < ID_PREFIX + ID_LETTERS; at++)
    order = order * 256 + Math.min(255, id.charCodeAt(at) || 0);
  return order;
}

function record<Name extends string, Column>(
  names: readonly Name[],
  make: () => Column,
): Readonly<Record<Name, Column>> {
  return Object.fromEntries(names.map((name) => [name, make()])) as Record<Name, Column>;
}
