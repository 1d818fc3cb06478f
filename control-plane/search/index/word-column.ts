import {
  addRow,
  type Bits,
  dropRow,
  grownBits,
  keepCommon,
  keepCommonWithAny,
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

  /** Keeps the rows whose word fits. Of many words that fit, those that don't are dropped. */
  keepFitting(rows: Rows, fits: (word: string, code: number) => boolean): void {
    const [fitting, others]: [Bits[], Bits[]] = [[], []];
    for (const [code, set] of this.#sets.entries()) {
      (fits(this.words[code] ?? "", code) ? fitting : others).push(set);
    }
    if (fitting.length <= others.length) {
      keepCommonWithAny(rows, fitting);
      return;
    }
    keepCommon(rows, this.#known);
    for (const set of others) keepCommon(rows, set, false);
  }
}
