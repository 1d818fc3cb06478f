import { byPrice, type Candidate, costOf, keepsTo, type Limits, type Part } from "./candidate.ts";
import { takeCheapest } from "./take-cheapest.ts";

/** Choices tried at most: some tens of milliseconds. */
const TRIES = 6000;

/**
 * Betters a choice node by node: one more, or another in the place of one, as long as that is cheaper and keeps to the
 * limits. The answer is at least as good as `start`.
 * @param sorted all candidates, cheapest first
 */
export function exchange(start: readonly Part[], sorted: readonly Candidate[], limits: Limits): Part[] {
  let best = [...start];
  let tries = 0;
  for (let better = true; better && tries < TRIES && limits.effort.left > 0; ) {
    better = false;
    const cost = costOf(best);
    const nodes = best.map(({ candidate }) => candidate);
    const taken = new Set(nodes);
    const others = contenders(sorted, limits).filter((candidate) => !taken.has(candidate));
    let cheapest = cost;
    for (const out of [null, ...nodes]) {
      if (out === null && nodes.length >= limits.maxNodes) continue;
      const rest = nodes.filter((node) => node !== out);
      for (const other of others) {
        if (++tries > TRIES || limits.effort.left <= 0) break;
        const parts = takeCheapest(inserted(rest, other), limits);
        if (parts === null || !keepsTo(parts, limits) || costOf(parts) >= cheapest) continue;
        cheapest = costOf(parts);
        best = parts;
        better = true;
      }
    }
  }
  return best;
}

/** Of each size the cheapest nodes, and of each supplier the cheapest: an exchange has no use for others. */
function contenders(sorted: readonly Candidate[], { maxNodes, minSuppliers }: Limits): Candidate[] {
  const ofSize = new Map<number, number>();
  const suppliers = new Set<string>();
  return sorted.filter(({ offer }) => {
    const before = ofSize.get(offer.gpusFree) ?? 0;
    const first = !suppliers.has(offer.supplier) && suppliers.size < 2 * minSuppliers;
    ofSize.set(offer.gpusFree, before + 1);
    suppliers.add(offer.supplier);
    return first || before < Math.min(maxNodes + 2, 30);
  });
}

function inserted(sorted: readonly Candidate[], one: Candidate): Candidate[] {
  const at = sorted.findIndex((other) => byPrice(one, other) < 0);
  return at < 0 ? [...sorted, one] : sorted.toSpliced(at, 0, one);
}
