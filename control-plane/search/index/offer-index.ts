import type { Offer } from "@ionet/protocol";
import { addRow, type Bits, dropRow, grownBits, makeBits, wordsFor } from "./bits.ts";
import { NameColumn } from "./name-column.ts";
import { NumberColumn } from "./number-column.ts";
import { numberNames, numberOf, offerId, wordNames, wordOf } from "./offer-columns.ts";
import { RowSum } from "./row-sum.ts";
import { WordColumn } from "./word-column.ts";

const FIRST_ROWS = 1024;

/**
 * All offers with something free, in memory, column by column, so that a query is a few passes over sets of bits. A cache
 * over the database's rows: losing it loses a reload. One row an offer; a row that is given up is used again.
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
  #used = 0;
  readonly #offers: (Offer | undefined)[] = [];
  readonly #ids: string[] = [];
  readonly #rowOf = new Map<string, number>();
  readonly #unused: number[] = [];
  readonly #spare: Bits[] = [];

  get size(): number {
    return this.#rowOf.size;
  }

  /** How many words of each set are in use. */
  get usedWords(): number {
    return wordsFor(this.#used);
  }

  /** Puts an offer in, or in the place of what it was before; one with nothing free is taken out. */
  put(offer: Offer): void {
    const id = offerId(offer);
    if (offer.gpusFree <= 0) {
      this.remove(id);
      return;
    }
    const row = this.#rowOf.get(id) ?? this.#takeRow(id);
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
    this.#unused.push(row);
  }

  /**
   * Fits the columns to what has changed since. At most `columns` of them a call, each some 40 ms for a million offers,
   * so that no search waits for long; a column out of shape is slower, never wrong.
   */
  settle(columns = 1): void {
    const outOfShape = numberNames.map((name) => this.numbers[name]).filter((column) => column.isOutOfShape);
    for (const column of outOfShape.slice(0, columns)) column.layOut(this.#used);
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

  #takeRow(id: string): number {
    const row = this.#unused.pop() ?? this.#used++;
    if (row >= this.#rows) this.#grow(this.#rows * 2);
    this.#ids[row] = id;
    this.#rowOf.set(id, row);
    return row;
  }

  #grow(rows: number): void {
    this.#rows = rows;
    for (const name of numberNames) this.numbers[name].grow(rows);
    for (const name of wordNames) this.words[name].grow(rows);
    this.gpusFree.grow(rows);
    this.live = grownBits(this.live, rows);
  }
}

function record<Name extends string, Column>(
  names: readonly Name[],
  make: () => Column,
): Readonly<Record<Name, Column>> {
  return Object.fromEntries(names.map((name) => [name, make()])) as Record<Name, Column>;
}
