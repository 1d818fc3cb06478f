import { addAll, addRow, type Bits, dropRow, grownBits, makeBits } from "./bits.ts";

const NONE = 0xffff;

/** One word of few of each row, with the set of rows of each word. */
export class WordColumn {
  codes: Uint16Array;
  /** The words seen so far; a word's code is its place here. */
  readonly words: string[] = [];
  readonly #codeOf = new Map<string, number>();
  #sets: Bits[] = [];
  #rows: number;

  constructor(rows: number) {
    this.#rows = rows;
    this.codes = new Uint16Array(rows).fill(NONE);
  }

  grow(rows: number): void {
    const codes = new Uint16Array(rows).fill(NONE);
    codes.set(this.codes);
    this.codes = codes;
    this.#sets = this.#sets.map((bits) => grownBits(bits, rows));
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

  /** Adds the rows of all words that fit. */
  addRowsOf(bits: Bits, words: number, fits: (word: string) => boolean): void {
    for (const [code, word] of this.words.entries()) {
      const rows = this.#sets[code];
      if (rows !== undefined && fits(word)) addAll(bits, rows, words);
    }
  }
}
