import type { Offer } from "@ionet/protocol";
import { addRow, type Bits, BLOCK_ROWS, dropRow, grownBits, makeBits, type Scope } from "./bits.ts";
import { NameColumn } from "./name-column.ts";
import { NumberColumn } from "./number-column.ts";
import { numberNames, numberOf, offerId, wordNames, wordOf } from "./offer-columns.ts";
import { RowSum } from "./row-sum.ts";
import { WordColumn } from "./word-column.ts";

const FIRST_ROWS = 4 * BLOCK_ROWS;

/**
 * All offers with something free, in memory, column by column, so that a query is a few passes over sets of bits. A cache
 * over the database's rows: losing it loses a reload. One row an offer; a row that is given up is used again. The rows of
 * one model are in blocks of their own, since most queries name a model, and much else follows from it.
 */
export class OfferIndex {
  readonly numbers = record(numberNames, () => new NumberColumn(FIRST_ROWS));
  readonly words = record(wordNames, () => new WordColumn(FIRST_ROWS));
  readonly suppliers = new NameColumn();
  readonly nodes = new NameColumn();
  readonly gpusFree = new RowSum(FIRST_ROWS);
  /** The rows that hold an offer. */
  live: Bits = makeBits(FIRST_ROWS);
  #rows = FIRST_ROWS;
  /** Of each block in use its model. */
  readonly blockModels: string[] = [];
  readonly #offers: (Offer | undefined)[] = [];
  readonly #ids: string[] = [];
  /** The order of ids as far as their first letters tell it. */
  idOrder = new Float64Array(FIRST_ROWS);
  readonly #rowOf = new Map<string, number>();
  /** Rows without an offer, by model. */
  readonly #unused = new Map<string, number[]>();
  readonly #spare: Bits[] = [];

  get size(): number {
    return this.#rowOf.size;
  }

  /** The blocks whose model fits. */
  blocksOf(fits: (model: string) => boolean): Scope {
    const fitting = new Set(this.words.gpuModel.words.filter(fits));
    const blocks = new Int32Array(this.blockModels.length);
    let count = 0;
    for (const [block, model] of this.blockModels.entries()) if (fitting.has(model)) blocks[count++] = block;
    return blocks.subarray(0, count);
  }

  /** Puts an offer in, or in the place of what it was before; one with nothing free is taken out. */
  put(offer: Offer): void {
    const id = offerId(offer);
    if (offer.gpusFree <= 0) {
      this.remove(id);
      return;
    }
    const row = this.#rowOf.get(id) ?? this.#takeRow(id, offer.gpuModel);
    this.#offers[row] = offer;
    for (const name of numberNames) this.numbers[name].set(row, numberOf(name, offer));
    for (const name of wordNames) this.words[name].set(row, wordOf(name, offer));
    this.suppliers.set(row, offer.supplier);
    this.nodes.set(row, offer.nodeId);
    this.gpusFree.set(row, offer.gpusFree);
    addRow(this.live, row);
  }

  /** Takes an offer out; nothing when it is not there. Its row's columns stay as they are: only live rows are found. */
  remove(id: string): void {
    const row = this.#rowOf.get(id);
    if (row === undefined) return;
    this.#rowOf.delete(id);
    this.#offers[row] = undefined;
    dropRow(this.live, row);
    this.#unusedOf(this.blockModels[Math.floor(row / BLOCK_ROWS)] ?? "").push(row);
  }

  /**
   * Fits the columns to what has changed since. At most `columns` of them a call, each some 40 ms for a million offers,
   * so that no search waits for long; a column out of shape is slower, never wrong.
   */
  settle(columns = 1): void {
    const outOfShape = numberNames.map((name) => this.numbers[name]).filter((column) => column.isOutOfShape);
    for (const column of outOfShape.slice(0, columns)) column.layOut(this.blockModels.length * BLOCK_ROWS);
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

  /** A set to work in, with anything in it; give it back. */
  borrowBits(): Bits {
    const bits = this.#spare.pop();
    return bits?.length === this.live.length ? bits : makeBits(this.#rows);
  }

  giveBack(bits: Bits): void {
    this.#spare.push(bits);
  }

  #takeRow(id: string, model: string): number {
    const row = this.#unusedOf(model).pop() ?? this.#takeBlock(model);
    this.#ids[row] = id;
    this.idOrder[row] = orderOfId(id);
    this.#rowOf.set(id, row);
    return row;
  }

  #unusedOf(model: string): number[] {
    const unused = this.#unused.get(model) ?? [];
    this.#unused.set(model, unused);
    return unused;
  }

  /** A new block for a model: its first row, and all others to be used. */
  #takeBlock(model: string): number {
    const first = this.blockModels.push(model) * BLOCK_ROWS - BLOCK_ROWS;
    if (first >= this.#rows) this.#grow(this.#rows * 2);
    const unused = this.#unusedOf(model);
    for (let row = first + BLOCK_ROWS - 1; row > first; row--) unused.push(row);
    return first;
  }

  #grow(rows: number): void {
    this.#rows = rows;
    for (const name of numberNames) this.numbers[name].grow(rows);
    for (const name of wordNames) this.words[name].grow(rows);
    this.gpusFree.grow(rows);
    this.live = grownBits(this.live, rows);
    const idOrder = new Float64Array(rows);
    idOrder.set(this.idOrder);
    this.idOrder = idOrder;
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
