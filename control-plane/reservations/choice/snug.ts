import type { Candidate, Part } from "./candidate.ts";

/**
 * The same choice, but whatever takes only part of a node's free GPUs takes them where the fewest stay behind: of nodes of
 * the same price and region, and, when there are other parts, of the same supplier. It costs the same, on as many nodes,
 * and leaves large nodes whole for the gangs that need them.
 */
export function snug(parts: readonly Part[], candidates: readonly Candidate[]): Part[] {
  const chosen = new Set(parts.map(({ candidate }) => candidate));
  return parts.map((part) => {
    const { candidate, count } = part;
    if (candidate.offer.gpusFree === count) return part;
    let best = candidate;
    for (const other of candidates) {
      const { gpusFree, region, supplier } = other.offer;
      if (
        other.price === candidate.price &&
        gpusFree >= count &&
        gpusFree < best.offer.gpusFree &&
        region === candidate.offer.region &&
        (parts.length === 1 || supplier === candidate.offer.supplier) &&
        !chosen.has(other)
      )
        best = other;
    }
    chosen.add(best);
    return { candidate: best, count };
  });
}
