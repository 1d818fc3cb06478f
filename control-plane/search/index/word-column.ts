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
  /** A word's code is its place here. Where no row has a word any more there is "" until another word takes the place. */
  readonly words: string[] = [];
  /** Of each code how many rows have it. */
  readonly #counts: number[] = [];
  readonly #unused: number[] = [];
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
    this.#count(code, 1);
    this.#count(old, -1);
    const [from, to] = [this.#sets[old], this.#sets[code]];
    if (from !== undefined) dropRow(from, row);
    if (to !== undefined) addRow(to, row);
    if (code === NONE) dropRow(this.#known, row);
    else addRow(this.#known, row);
  }

  #code(word: string): number {
    const known = this.#codeOf.get(word);
    if (known !== undefined) return known;
    const code = this.#unused.pop() ?? this.words.length;
    if (code >= NONE) throw new RangeError(`a column of few words has more than ${NONE}: ${word}`);
    this.words[code] = word;
    this.#codeOf.set(word, code);
    this.#sets[code] ??= makeBits(this.#rows);
    return code;
  }

  #count(code: number, change: 1 | -1): void {
    if (code === NONE) return;
    const count = (this.#counts[code] ?? 0) + change;
    this.#counts[code] = count;
    if (count > 0) return;
    this.#codeOf.delete(this.words[code] ?? "");
    this.words[code] = "";
    this.#unused.push(code);
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
