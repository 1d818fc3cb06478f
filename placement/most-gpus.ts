import type { Candidate, PlacementLimits } from "./candidate.ts";

/** How many nodes a supplier has of each size, largest first. */
type Sizes = readonly { size: number; nodes: number }[];

/**
 * Whether choices of these candidates may have so many GPUs under the limits. Where it says no, none has; where it says
 * yes, hardly ever none has. It asks several bounds, in each of which a node costs some GPUs of its own and in return
 * the number of nodes is free.
 */
export function mayGive(candidates: readonly Candidate[]): (limits: PlacementLimits) => boolean {
  const suppliers: number[][] = [];
  for (const { owner, offer } of candidates) {
    const ofSize = suppliers[owner] ?? [];
    suppliers[owner] = ofSize;
    ofSize[offer.gpusFree] = (ofSize[offer.gpusFree] ?? 0) + 1;
  }
  const sizes = suppliers.flatMap((ofSize): Sizes[] => [
    ofSize.flatMap((nodes, size) => [{ size, nodes }]).reverse(),
  ]);
  const largest = sizes.reduce((most, [first]) => Math.max(most, first?.size ?? 0), 0);
  return ({ count, maxNodes, maxSuppliers, maxOfSupplier }) => {
    const worth = new Float64Array(sizes.length);
    for (let price = 0; price <= largest; price++) {
      for (const [s, own] of sizes.entries()) worth[s] = worthOf(own, price, maxOfSupplier);
      // As many suppliers as nodes are no limit.
      const binds = maxSuppliers < Math.min(maxNodes, worth.length);
      const chosen = binds ? worth.sort().subarray(worth.length - maxSuppliers) : worth;
      const most = price * maxNodes + chosen.reduce((sum, gpus) => sum + gpus, 0);
      if (most + 1e-6 < count) return false;
    }
    return true;
  };
}

/** What a supplier can give when each node costs so many GPUs: its largest first, the last in part. */
function worthOf(sizes: Sizes, price: number, most: number): number {
  let worth = 0;
  let left = most;
  for (const { size, nodes } of sizes) {
    const useful = Math.min(size, most);
    if (useful <= price || left <= 0) break;
    const gpus = Math.min(left, useful * nodes);
    worth += gpus * (1 - price / useful);
    left -= gpus;
  }
  return worth;
}
