import { type GpuSet, NO_GPUS } from "./gpu-set.ts";
import type { Hold } from "./held-rows.ts";

/**
 * Which GPUs of the whole network are held, in memory: what the writer decides on. The rows are the truth; this is
 * loaded from them and changed after them, but for holds that are about to be written.
 */
export class HeldGpus {
  readonly #held = new Map<number, GpuSet>();
  readonly #holds = new Map<string, Hold>();

  /** Whether nobody holds any of these GPUs. */
  isFree(nodeNumber: number, gpus: GpuSet): boolean {
    return (this.heldOn(nodeNumber) & gpus) === NO_GPUS;
  }

  /** Which GPUs of a node are held. */
  heldOn(nodeNumber: number): GpuSet {
    return this.#held.get(nodeNumber) ?? NO_GPUS;
  }

  /** What a lease holds. */
  holdOf(leaseId: string): Hold | undefined {
    return this.#holds.get(leaseId);
  }

  /** Holds GPUs, which must be free; throws when one is not. */
  hold(hold: Hold): void {
    const held = this.heldOn(hold.nodeNumber);
    if ((held & hold.gpus) !== NO_GPUS || this.#holds.has(hold.leaseId)) {
      throw new Error(`a GPU of node ${hold.nodeNumber} was about to be held twice, by ${hold.leaseId}`);
    }
    this.#holds.set(hold.leaseId, hold);
    this.#held.set(hold.nodeNumber, held | hold.gpus);
  }

  /** Frees what a lease holds; nothing when it holds nothing. */
  free(leaseId: string): void {
    const hold = this.#holds.get(leaseId);
    if (hold === undefined) return;
    this.#holds.delete(leaseId);
    this.#held.set(hold.nodeNumber, this.heldOn(hold.nodeNumber) & ~hold.gpus);
  }
}
