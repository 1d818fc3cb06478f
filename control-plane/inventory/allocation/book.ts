import { countOf, type GpuSet, lowestOf, NO_GPUS } from "./gpu-set.ts";
import { type Lot, type Share, Shelf } from "./shelf.ts";

/** What a node has for hire: GPUs of one model at one price, on the shelf of nodes that can reach each other. */
export type LotOfNode<Terms> = { shelf: string; gpus: GpuSet; price: bigint; terms: Terms };

/** The GPUs that one lease holds. */
export type Hold = { leaseId: string; slot: number; gpus: GpuSet };

type Node<Terms> = { held: GpuSet; lots: { shelf: Shelf<Terms>; lot: Lot<Terms> }[] };

/**
 * Which GPUs of the whole network are free, in memory: what the writer decides on. The rows are the truth; this is
 * loaded from them and changed after them, but for holds that are about to be written.
 */
export class AllocationBook<Terms> {
  private readonly nodes = new Map<number, Node<Terms>>();
  private readonly shelves = new Map<string, Shelf<Terms>>();
  private readonly holds = new Map<string, Hold>();

  /** What a node offers from now on; an empty list takes it off the market. What is held on it stays held. */
  offer(slot: number, lots: readonly LotOfNode<Terms>[]): void {
    const node = this.node(slot);
    for (const { shelf, lot } of node.lots) shelf.remove(lot);
    node.lots = lots.map(({ shelf: name, ...offered }) => {
      const shelf = this.shelves.get(name) ?? new Shelf<Terms>();
      this.shelves.set(name, shelf);
      const lot = { slot, ...offered, free: countOf(offered.gpus & ~node.held), place: 0 };
      shelf.add(lot);
      return { shelf, lot };
    });
  }

  /** Whether nobody holds any of these GPUs. */
  isFree(slot: number, gpus: GpuSet): boolean {
    return (this.heldOn(slot) & gpus) === NO_GPUS;
  }

  /** Which GPUs of a node are held. */
  heldOn(slot: number): GpuSet {
    return this.nodes.get(slot)?.held ?? NO_GPUS;
  }

  /** What a lease holds. */
  holdOf(leaseId: string): Hold | undefined {
    return this.holds.get(leaseId);
  }

  /** Holds GPUs, which must be free; throws when one is not. */
  hold(hold: Hold): void {
    const node = this.node(hold.slot);
    if ((node.held & hold.gpus) !== NO_GPUS || this.holds.has(hold.leaseId)) {
      throw new Error(`a GPU of node ${hold.slot} was about to be held twice, by ${hold.leaseId}`);
    }
    this.holds.set(hold.leaseId, hold);
    setHeld(node, node.held | hold.gpus);
  }

  /** Frees what a lease holds; nothing when it holds nothing. */
  free(leaseId: string): void {
    const hold = this.holds.get(leaseId);
    if (hold === undefined) return;
    this.holds.delete(leaseId);
    const node = this.node(hold.slot);
    setHeld(node, node.held & ~hold.gpus);
  }

  /** The cheapest `count` GPUs of a shelf that suit; null when there are not enough. Holds nothing. */
  cheapest(shelf: string, count: number, suits: (lot: Lot<Terms>) => boolean): Share<Terms>[] | null {
    return this.shelves.get(shelf)?.cheapest(count, suits) ?? null;
  }

  /** The lowest free GPUs of a lot. */
  freeGpusOf({ slot, gpus }: Lot<Terms>, count: number): GpuSet {
    return lowestOf(gpus & ~this.node(slot).held, count);
  }

  private node(slot: number): Node<Terms> {
    const known = this.nodes.get(slot);
    if (known !== undefined) return known;
    const node: Node<Terms> = { held: NO_GPUS, lots: [] };
    this.nodes.set(slot, node);
    return node;
  }
}

function setHeld<Terms>(node: Node<Terms>, held: GpuSet): void {
  node.held = held;
  for (const { shelf, lot } of node.lots) shelf.move(lot, countOf(lot.gpus & ~held));
}
