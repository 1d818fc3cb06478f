import type { Candidate, Limits, Part } from "./candidate.ts";

/** Entries of the table at most: some tens of milliseconds. */
const LARGEST_TABLE = 400_000;

type Cell = { cost: bigint; from: Cell | null; part: Part | null };

/**
 * The cheapest GPUs on at most `maxNodes` nodes, whoever supplies them; null when there are none, or when the table
 * would be too large.
 *
 * At most one node of the cheapest choice is taken in part: of two, GPUs could move to the cheaper one. And of nodes of one
 * size the cheapest are taken, so few of each size can matter. Over those: the cheapest way to have so many GPUs on so many
 * nodes, node by node.
 */
export function wholeNodes(sorted: readonly Candidate[], { count, maxNodes, effort }: Limits): Part[] | null {
  const items = contenders(sorted, count, maxNodes);
  const nodes = Math.min(maxNodes, items.length);
  const width = count + 1;
  const cells = items.length * nodes * width;
  if (cells > LARGEST_TABLE) return null;
  effort.left -= cells;
  // best[partial][nodes][gpus]: whether one node was taken in part, on how many nodes, how many GPUs.
  const best: (Cell | undefined)[][] = [0, 1].map(() => new Array((nodes + 1) * width).fill(undefined));
  const [whole = [], partial = []] = best;
  whole[0] = { cost: 0n, from: null, part: null };
  for (const candidate of items) {
    const size = candidate.offer.gpusFree;
    for (let on = nodes - 1; on >= 0; on--) {
      for (let have = count - 1; have >= 0; have--) {
        const at = on * width + have;
        for (const [from, to, least, most] of [
          [partial[at], partial, size, size],
          [whole[at], partial, 1, size - 1],
          [whole[at], whole, size, size],
        ] as const) {
          if (from === undefined) continue;
          for (let take = least; take <= most && have + take <= count; take++) {
            const cost = from.cost + candidate.price * BigInt(take);
            const place = (on + 1) * width + have + take;
            const there = to[place];
            if (there === undefined || cost < there.cost)
              to[place] = { cost, from, part: { candidate, count: take } };
          }
        }
      }
    }
  }
  let found: Cell | undefined;
  for (const table of best) {
    for (let on = 0; on <= nodes; on++) {
      const cell = table[on * width + count];
      if (cell !== undefined && (found === undefined || cell.cost < found.cost)) found = cell;
    }
  }
  return found === undefined ? null : partsOf(found);
}

/** Of each size the cheapest nodes, as many as could be taken of it. */
function contenders(sorted: readonly Candidate[], count: number, maxNodes: number): Candidate[] {
  const seen = new Map<number, number>();
  return sorted.filter(({ offer }) => {
    const before = seen.get(offer.gpusFree) ?? 0;
    seen.set(offer.gpusFree, before + 1);
    return before < Math.min(maxNodes, Math.ceil(count / offer.gpusFree));
  });
}

function partsOf(cell: Cell): Part[] {
  const parts: Part[] = [];
  for (let at: Cell | null = cell; at !== null; at = at.from) if (at.part !== null) parts.unshift(at.part);
  return parts;
}
