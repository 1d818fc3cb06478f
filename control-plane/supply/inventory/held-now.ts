import type { Context } from "../../platform/context.ts";
import type { Allocation } from "./allocation/allocation.ts";
import { type GpuSet, NO_GPUS } from "./allocation/gpu-set.ts";
import { heldGpus, releasedLeases } from "./hold-gpus.ts";

/** Which GPUs of a node are held, by the node's number. */
export type Held = (nodeNumber: number) => GpuSet;

/** How old what is held may be where another control plane is the writer, and there are more nodes than these. */
const FRESH_MS = 1000;
const FEW_NODES = 1000;

/**
 * What is held now. Where this control plane is the writer it is known in memory, exactly; else it is read from the rows,
 * of a large network at most once a second. Booking looks again in any case.
 * @returns to be called with how many nodes the network has
 */
export function createHeldNow(
  ctx: Pick<Context, "db" | "clock">,
  allocation: Pick<Allocation<never>, "heldGpus">,
): (nodes: number) => Promise<Held> {
  let rows: ReadonlyMap<number, GpuSet> = new Map();
  let readAtMs = Number.NEGATIVE_INFINITY;
  return async (nodes) => {
    const inMemory = allocation.heldGpus();
    if (inMemory === null) {
      const nowMs = ctx.clock.now();
      if (nodes <= FEW_NODES || nowMs - readAtMs >= FRESH_MS) {
        rows = await heldGpus(ctx.db);
        readAtMs = nowMs;
      }
      const held = rows;
      return (nodeNumber) => held.get(nodeNumber) ?? NO_GPUS;
    }
    // What ended is free again already, though the writer has not swept it away yet.
    const free = new Map<number, GpuSet>();
    for (const leaseId of await releasedLeases(ctx.db)) {
      const hold = inMemory.holdOf(leaseId);
      if (hold !== undefined) free.set(hold.nodeNumber, (free.get(hold.nodeNumber) ?? NO_GPUS) | hold.gpus);
    }
    return (nodeNumber) => inMemory.heldOn(nodeNumber) & ~(free.get(nodeNumber) ?? NO_GPUS);
  };
}
