import { addRow, type Bits, dropRow, type Rows } from "../rows/bits.ts";
import type { RowMemory } from "../rows/row-memory.ts";

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
  #memory: RowMemory;

  constructor(memory: RowMemory) {
    this.#memory = memory;
    this.codes = memory.numbers(Uint16Array, memory.rows).fill(NONE);
    this.#known = memory.bits();
  }

  /** Moves to a memory for more rows. */
  grow(memory: RowMemory): void {
    const { codes } = this;
    this.#memory = memory;
    this.codes = memory.numbers(Uint16Array, memory.rows, codes).fill(NONE, codes.length);
    this.#sets = this.#sets.map((bits) => memory.bits(bits));
    this.#known = memory.bits(this.#known);
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
    this.#sets[code] ??= this.#memory.bits();
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
      this.#memory.keepCommonWithAny(rows, fitting);
      return;
    }
    this.#memory.keepCommon(rows, this.#known);
    if (others.length > 0) this.#memory.keepCommonWithAny(rows, others, false);
  }
}
