import type { Assignment, Candidate } from "./candidate.ts";

/**
 * The same choice, but whatever takes only part of a node's free GPUs takes them where the fewest stay behind: of nodes of
 * the same price and region, and, when there are other parts, of the same supplier. It costs the same, on as many nodes,
 * and leaves large nodes whole for the gangs that need them.
 */
export function bestFit(parts: readonly Assignment[], candidates: readonly Candidate[]): Assignment[] {
  const chosen = new Set(parts.map(({ candidate }) => candidate));
  const kindOf = ({ microUsd, offer: { region, supplier } }: Candidate): string =>
    `${microUsd} ${region} ${parts.length === 1 ? "" : supplier}`;
  const inPart = parts.flatMap(({ candidate, count }) =>
    candidate.offer.gpusFree > count ? [candidate] : [],
  );
  const prices = new Set(inPart.map(({ microUsd }) => microUsd));
  const others = Map.groupBy(
    candidates.filter(({ microUsd }) => prices.has(microUsd)),
    kindOf,
  );
  return parts.map((part) => {
    const { candidate, count } = part;
    if (candidate.offer.gpusFree === count) return part;
    let best = candidate;
    for (const other of others.get(kindOf(candidate)) ?? []) {
      const { gpusFree } = other.offer;
      if (gpusFree >= count && gpusFree < best.offer.gpusFree && !chosen.has(other)) best = other;
    }
    chosen.add(best);
    return { candidate: best, count };
  });
}
