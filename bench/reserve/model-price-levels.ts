import { countOf, type GpuSet, lowestOf } from "../../control-plane/supply/inventory/allocation/gpu-set.ts";
import { type Lot, type PriceLevelShare, PriceLevels } from "./price-levels.ts";

/**
 * The market as this benchmark's callers choose from it, price levels for each GPU model: the cheapest free GPUs, found in a
 * microsecond, so that it is the writer that is measured. What is free is what the writer holds.
 */
export class ModelPriceLevels {
  readonly #levels = new Map<string, PriceLevels>();
  readonly #lots = new Map<number, { level: PriceLevels; lot: Lot }>();

  /** A node's GPUs, none of them held: of one model, at one price. */
  add(nodeNumber: number, offered: { model: string; gpus: GpuSet; price: bigint }): void {
    const { model, gpus, price } = offered;
    const level = this.#levels.get(model) ?? new PriceLevels();
    this.#levels.set(model, level);
    const lot = { nodeNumber, gpus, price, free: countOf(gpus), place: 0 };
    level.add(lot);
    this.#lots.set(nodeNumber, { level, lot });
  }

  /** The nodes that have any. */
  get nodeNumbers(): IterableIterator<number> {
    return this.#lots.keys();
  }

  /** These GPUs of a node are held now. */
  changed(nodeNumber: number, held: GpuSet): void {
    const one = this.#lots.get(nodeNumber);
    one?.level.move(one.lot, countOf(one.lot.gpus & ~held));
  }

  /** The cheapest `count` GPUs of a model; null when there are not enough. */
  cheapest(model: string, count: number): PriceLevelShare[] | null {
    return this.#levels.get(model)?.cheapest(count) ?? null;
  }

  /** The lowest free GPUs of a lot. */
  freeOf({ gpus }: Lot, held: GpuSet, count: number): GpuSet {
    return lowestOf(gpus & ~held, count);
  }
}
