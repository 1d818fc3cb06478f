import {
  addAll,
  addRow,
  type Bits,
  clearRows,
  dropCommon,
  dropRow,
  grownBits,
  keepCommon,
  makeBits,
  type Rows,
} from "./bits.ts";

const NONE = 0xffff;

/** One word of few of each row, with the set of rows of each word. */
export class WordColumn {
  codes: Uint16Array;
  /** The words seen so far; a word's code is its place here. */
  readonly words: string[] = [];
  readonly #codeOf = new Map<string, number>();
  #sets: Bits[] = [];
  /** The rows that have a word. */
  #known: Bits;
  #rows: number;

  constructor(rows: number) {
    this.#rows = rows;
    this.codes = new Uint16Array(rows).fill(NONE);
    this.#known = makeBits(rows);
  }

  grow(rows: number): void {
    const codes = new Uint16Array(rows).fill(NONE);
    codes.set(this.codes);
    this.codes = codes;
    this.#sets = this.#sets.map((bits) => grownBits(bits, rows));
    this.#known = grownBits(this.#known, rows);
    this.#rows = rows;
  }

  set(row: number, word: string | null): void {
    const code = word === null ? NONE : this.#code(word);
    const old = this.codes[row] ?? NONE;
    if (old === code) return;
    this.codes[row] = code;
    const [from, to] = [this.#sets[old], this.#sets[code]];
    if (from !== undefined) dropRow(from, row);
    if (to !== undefined) addRow(to, row);
    if (code === NONE) dropRow(this.#known, row);
    else addRow(this.#known, row);
  }

  #code(word: string): number {
    const known = this.#codeOf.get(word);
    if (known !== undefined) return known;
    const code = this.words.length;
    if (code >= NONE) throw new RangeError(`a column of few words has more than ${NONE}: ${word}`);
    this.words.push(word);
    this.#codeOf.set(word, code);
    this.#sets.push(makeBits(this.#rows));
    return code;
  }

  /** The rows of one word; undefined when no row has it. */
  rowsOf(word: string): Bits | undefined {
    return this.#sets[this.#codeOf.get(word) ?? NONE];
  }

  /**
   * Keeps the rows whose word fits. Of many words that fit, those that don't are dropped; `some` is a set to work in.
   */
  keepFitting(rows: Rows, fits: (word: string) => boolean, some: Bits): void {
    const sets = this.words.map((word, code) => ({ fits: fits(word), rows: this.#sets[code] }));
    const fitting = sets.filter((set) => set.fits);
    const [only] = fitting;
    if (fitting.length === 1 && only?.rows !== undefined) {
      keepCommon(rows, only.rows);
    } else if (fitting.length * 2 > sets.length) {
      keepCommon(rows, this.#known);
      for (const set of sets) if (!set.fits && set.rows !== undefined) dropCommon(rows, set.rows);
    } else {
      clearRows(some, rows.scope);
      this.addRowsOf({ bits: some, scope: rows.scope }, fits);
      keepCommon(rows, some);
    }
  }

  /** Adds the rows of all words that fit. */
  addRowsOf(rows: Rows, fits: (word: string) => boolean): void {
    for (const [code, word] of this.words.entries()) {
      const more = this.#sets[code];
      if (more !== undefined && fits(word)) addAll(rows, more);
    }
  }
}
