import type { FreeOffer, Share } from "@ionet/placement";
import { gpuSetOf, indicesOf } from "../../control-plane/supply/inventory/allocation/gpu-set.ts";
import { HeldGpus } from "../../control-plane/supply/inventory/allocation/held-gpus.ts";

/** The traced machines as the market sees them. All policies hold and free through the market's own `HeldGpus`. */
export type ReplayedCluster = {
  /** By a node's number; each with what is free of it now. */
  readonly offers: readonly FreeOffer[];
  readonly models: ReadonlyMap<string, readonly number[]>;
  /** Holds all shares for one demand. Throws when a GPU is held already. */
  hold(demand: number, shares: readonly Share[]): void;
  free(demand: number): void;
};

/** @param moved told whenever a node has more or fewer GPUs free: its offer before and after */
export function openCluster(
  all: readonly FreeOffer[],
  moved: (before: FreeOffer, after: FreeOffer) => void,
): ReplayedCluster {
  const heldGpus = new HeldGpus();
  const offers = [...all];
  const nodeNumbers = new Map(all.map((offer, nodeNumber) => [offer.nodeId, nodeNumber]));
  const sets = all.map((offer) => gpuSetOf(offer.freeGpus));
  const held = new Map<number, { leaseId: string; nodeNumber: number }[]>();

  /** Reads from what is held what is free of a node. */
  function refresh(nodeNumber: number): void {
    const [before, gpus] = [offers[nodeNumber], sets[nodeNumber]];
    if (before === undefined || gpus === undefined) return;
    const freeGpus = indicesOf(gpus & ~heldGpus.heldOn(nodeNumber));
    const after = { ...before, freeGpus, gpusFree: freeGpus.length };
    offers[nodeNumber] = after;
    moved(before, after);
  }

  return {
    offers,
    models: Map.groupBy(all.keys(), (nodeNumber) => all[nodeNumber]?.gpuModel ?? ""),
    hold(demand, shares) {
      const leases = shares.map(({ offer, gpus }, index) => {
        const nodeNumber = nodeNumbers.get(offer.nodeId) ?? -1;
        const leaseId = `${demand}/${index}`;
        heldGpus.hold({ leaseId, nodeNumber, gpus: gpuSetOf(gpus) });
        return { leaseId, nodeNumber };
      });
      held.set(demand, leases);
      for (const { nodeNumber } of leases) refresh(nodeNumber);
    },
    free(demand) {
      for (const { leaseId, nodeNumber } of held.get(demand) ?? []) {
        heldGpus.free(leaseId);
        refresh(nodeNumber);
      }
      held.delete(demand);
    },
  };
}
