import { countOf, type GpuSet, lowestOf } from "../../control-plane/supply/inventory/allocation/gpu-set.ts";
import { type Lot, type Share, Shelf } from "./shelf.ts";

/**
 * The market as this benchmark's callers choose from it, a shelf a GPU model: the cheapest free GPUs, found in a
 * microsecond, so that it is the writer that is measured. What is free is what the writer's book says.
 */
export class Shelves {
  readonly #shelves = new Map<string, Shelf>();
  readonly #lots = new Map<number, { shelf: Shelf; lot: Lot }>();

  /** A node's GPUs, none of them held: of one model, at one price. */
  add(slot: number, offered: { model: string; gpus: GpuSet; price: bigint }): void {
    const { model, gpus, price } = offered;
    const shelf = this.#shelves.get(model) ?? new Shelf();
    this.#shelves.set(model, shelf);
    const lot = { slot, gpus, price, free: countOf(gpus), place: 0 };
    shelf.add(lot);
    this.#lots.set(slot, { shelf, lot });
  }

  /** The nodes that have any. */
  get slots(): IterableIterator<number> {
    return this.#lots.keys();
  }

  /** These GPUs of a node are held now. */
  changed(slot: number, held: GpuSet): void {
    const one = this.#lots.get(slot);
    one?.shelf.move(one.lot, countOf(one.lot.gpus & ~held));
  }

  /** The cheapest `count` GPUs of a model; null when there are not enough. */
  cheapest(model: string, count: number): Share[] | null {
    return this.#shelves.get(model)?.cheapest(count) ?? null;
  }

  /** The lowest free GPUs of a lot. */
  freeOf({ gpus }: Lot, held: GpuSet, count: number): GpuSet {
    return lowestOf(gpus & ~held, count);
  }
}
