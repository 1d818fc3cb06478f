import { type OfferIndex, orderOfId } from "../offer-index.ts";

/** Where an offer stands in an order: by its key, then by price, then by id. Lower comes first. */
export type RankPosition = { key: number; price: number; id: string };

/** `order`: what the id's first letters tell of its order, so that hardly any ids are compared. */
export type Standing = { key: number; price: number; order: number };
/** A row of the index, or a place that a cursor names. */
type RankedRow = Standing & ({ row: number } | { id: string });

const NONE_YET: RankedRow = {
  key: Number.POSITIVE_INFINITY,
  price: Number.POSITIVE_INFINITY,
  order: Number.POSITIVE_INFINITY,
  id: "",
};

/** The first rows of all that are shown to it, so many of them, and only such as come after a place. */
export class BestRows {
  readonly #index: OfferIndex;
  readonly #count: number;
  readonly #after: RankedRow | undefined;
  readonly #found: (Standing & { row: number })[] = [];
  #worst = NONE_YET;

  constructor(index: OfferIndex, count: number, after: RankPosition | undefined) {
    this.#index = index;
    this.#count = count;
    this.#after = after === undefined ? undefined : { ...after, order: orderOfId(after.id) };
  }

  get isFull(): boolean {
    return this.#found.length >= this.#count;
  }

  /** What comes after it is not wanted any more. Its key is infinite while there are too few. */
  get worst(): Readonly<Standing> {
    return this.#worst;
  }

  show(row: number, key: number, price: number): void {
    const worst = this.#worst;
    // Most rows are turned away here, by numbers alone.
    if (key > worst.key || (key === worst.key && price > worst.price)) return;
    const order = this.#index.idOrder[row] ?? 0;
    if (key === worst.key && price === worst.price && order > worst.order) return;
    const candidate = { row, key, price, order };
    if (this.#compare(candidate, worst) > 0) return;
    if (this.#after !== undefined && this.#compare(candidate, this.#after) <= 0) return;
    this.#insert(candidate);
  }

  /** A row that was shown before stays where it is. */
  #insert(candidate: Standing & { row: number }): void {
    const found = this.#found;
    let [low, high] = [0, found.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const order = this.#compare(found[middle] ?? candidate, candidate);
      if (order === 0) return;
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    found.splice(low, 0, candidate);
    if (found.length > this.#count) found.pop();
    this.#worst = found[this.#count - 1] ?? this.#worst;
  }

  get rows(): number[] {
    return this.#found.map(({ row }) => row);
  }

  #compare(a: RankedRow, b: RankedRow): number {
    if (a.key !== b.key) return a.key < b.key ? -1 : 1;
    if (a.price !== b.price) return a.price < b.price ? -1 : 1;
    if (a.order !== b.order) return a.order < b.order ? -1 : 1;
    const [first, second] = [this.#idOf(a), this.#idOf(b)];
    return first === second ? 0 : first < second ? -1 : 1;
  }

  #idOf(candidate: RankedRow): string {
    return "id" in candidate ? candidate.id : this.#index.idAt(candidate.row);
  }
}
