import { type Ahead, aheadOf } from "./ahead.ts";
import { type Assignment, byPrice, type PlacementLimits } from "./candidate.ts";
import { type Core, sizeOf } from "./core.ts";
import type { Market } from "./market.ts";
import type { LagrangianBound, ShadowPrices } from "./shadow-prices.ts";

/** A way to begin a choice: what it takes of the nodes that were looked at. */
type Way = {
  cost: number;
  gpus: number;
  nodes: number;
  suppliers: number;
  /** Of the supplier that is looked at. */
  ofSupplier: number;
  /** Whether it has the one node that is taken in any part. */
  partly: boolean;
  last: { before: Way; node: number; take: number } | null;
};

/**
 * Looks for the cheapest choice that costs less than `below`, supplier by supplier and node by node: of all ways to have so
 * many GPUs on so many nodes of so many suppliers only the cheapest goes on, and only while the shadow prices do not say
 * that it can't end below. Exact, unless after some node there are more than `width` ways: then the most promising go on.
 */
export function search(
  market: Market,
  core: Core,
  limits: PlacementLimits,
  { relaxed, below, width }: { relaxed: LagrangianBound; below: number; width: number },
): { parts: Assignment[]; cost: number } | null {
  const ahead = aheadOf(core, market, relaxed);
  const ways = new Ways(core, limits, { prices: relaxed.prices, below, width });
  for (const [place, { nodes }] of core.entries()) {
    for (const [at, i] of nodes.entries()) {
      const rest = ahead[place]?.[at];
      const node = { i, size: market.sizes[i] ?? 0, price: market.prices[i] ?? 0 };
      if (rest !== undefined) ways.lookAt(node, rest);
    }
    ways.leaveSupplier();
  }
  return ways.best === null ? null : { parts: partsOf(ways.best, market), cost: ways.best.cost };
}

class Ways {
  best: Way | null = null;
  private ways: Way[] = [
    { cost: 0, gpus: 0, nodes: 0, suppliers: 0, ofSupplier: 0, partly: false, last: null },
  ];
  private next = new Map<number, Way>();
  private below: number;
  private readonly mostNodes: number;
  private readonly mostSuppliers: number;
  private readonly tells: { nodes: boolean; suppliers: boolean; ofSupplier: boolean };
  private readonly prices: ShadowPrices;
  /** What the limits are worth together at these prices. */
  private readonly worth: number;
  private readonly width: number;
  private readonly limits: PlacementLimits;

  constructor(
    core: Core,
    limits: PlacementLimits,
    { prices, below, width }: { prices: ShadowPrices; below: number; width: number },
  ) {
    const { count, maxNodes, minSuppliers, maxSuppliers, maxOfSupplier } = limits;
    const nodes = sizeOf(core);
    // Numbers that no limit looks at are not told apart.
    this.tells = {
      nodes: maxNodes < Math.min(count, nodes),
      suppliers: maxSuppliers < Math.min(count, core.length),
      ofSupplier: maxOfSupplier < count,
    };
    this.mostNodes = Math.min(maxNodes, count);
    this.mostSuppliers = this.tells.suppliers ? maxSuppliers : minSuppliers;
    this.worth =
      prices.gpu * count -
      prices.node * maxNodes -
      prices.supplier * (prices.supplier > 0 ? maxSuppliers : minSuppliers);
    this.limits = limits;
    this.prices = prices;
    this.below = below;
    this.width = width;
  }

  /**
   * A node may be taken whole, or as far as its supplier may give, or for one GPU to have its supplier among the chosen; and
   * at most one node of all in another part, since of two GPUs could move to the cheaper one.
   */
  lookAt(node: { i: number; size: number; price: number }, rest: Ahead): void {
    const { count, minSuppliers, maxSuppliers, maxOfSupplier } = this.limits;
    for (const way of this.ways) {
      this.go(way, rest);
      const opens = way.ofSupplier === 0;
      if (opens && this.tells.suppliers && way.suppliers === maxSuppliers) continue;
      const most = Math.min(node.size, maxOfSupplier - way.ofSupplier);
      for (let take = Math.min(most, count - way.gpus); take >= 1; take--) {
        const partly = take !== most && !(take === 1 && opens && minSuppliers > 1);
        if (partly && way.partly) continue;
        this.go(
          {
            cost: way.cost + node.price * take,
            gpus: way.gpus + take,
            nodes: way.nodes + 1,
            suppliers: opens ? Math.min(this.mostSuppliers, way.suppliers + 1) : way.suppliers,
            ofSupplier: way.ofSupplier + take,
            partly: way.partly || partly,
            last: { before: way, node: node.i, take },
          },
          rest,
        );
      }
    }
    this.ways = this.narrowed([...this.next.values()], rest);
    this.next.clear();
  }

  leaveSupplier(): void {
    for (const way of this.ways) this.put(way.ofSupplier === 0 ? way : { ...way, ofSupplier: 0 });
    this.ways = [...this.next.values()];
    this.next.clear();
  }

  /** Goes on with a way unless it can't end well. */
  private go(way: Way, rest: Ahead): void {
    const { count, minSuppliers, effort } = this.limits;
    effort.left--;
    const missing = minSuppliers - way.suppliers;
    const left = count - way.gpus;
    if (left === 0 && missing <= 0) {
      if (way.cost >= this.below) return;
      this.best = way;
      this.below = way.cost;
      return;
    }
    const nodesLeft = this.mostNodes - way.nodes;
    if (left < missing || nodesLeft < Math.max(1, missing) || rest.suppliers < missing) return;
    if (left > rest.gpus || left > nodesLeft * rest.largest) return;
    // Costs are whole numbers.
    if (this.leastOf(way, rest) > this.below - 0.99) return;
    this.put(way);
  }

  private put(way: Way): void {
    const key = this.keyOf(way);
    const other = this.next.get(key);
    if (other === undefined || way.cost < other.cost) this.next.set(key, way);
  }

  /** The least that a choice that begins so costs. */
  private leastOf(way: Way, rest: Ahead): number {
    const { gpu, node, supplier } = this.prices;
    const soFar = way.cost - gpu * way.gpus + node * way.nodes + supplier * way.suppliers;
    if (way.ofSupplier === 0) return this.worth + soFar + rest.closed;
    const own = this.tells.ofSupplier
      ? Math.max(rest.own, (this.limits.maxOfSupplier - way.ofSupplier) * rest.ownPerGpu)
      : rest.own;
    return this.worth + soFar + rest.later + own;
  }

  private keyOf(way: Way): number {
    const { count } = this.limits;
    const taken = this.tells.ofSupplier ? way.ofSupplier : Math.min(1, way.ofSupplier);
    const nodes = this.tells.nodes ? way.nodes : 0;
    const place = (way.suppliers * (this.mostNodes + 1) + nodes) * (count + 1) + way.gpus;
    return (place * (count + 1) + taken) * 2 + (way.partly ? 1 : 0);
  }

  private narrowed(ways: Way[], rest: Ahead): Way[] {
    if (ways.length <= this.width) return ways;
    return (
      ways
        .map((way) => ({ way, least: Math.round(this.leastOf(way, rest)) }))
        // Of equal backfill reservation those that have most: what is left out may be missed at the end.
        .sort((a, b) => a.least - b.least || b.way.gpus - a.way.gpus)
        .slice(0, this.width)
        .map(({ way }) => way)
    );
  }
}

function partsOf(way: Way, { candidates }: Market): Assignment[] {
  const parts: Assignment[] = [];
  for (let at = way; at.last !== null; at = at.last.before) {
    const candidate = candidates[at.last.node];
    if (candidate !== undefined) parts.push({ candidate, count: at.last.take });
  }
  return parts.sort((a, b) => byPrice(a.candidate, b.candidate));
}
