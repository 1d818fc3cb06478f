import type { FreeOffer } from "@ionet/placement";

/** Sums over a time of what is free and hired, GPU by GPU and second by second. */
export class Measure {
  private now: number;
  private readonly until: number;
  private readonly gang: number;
  private readonly shares: readonly { gpus: number; share: number }[];
  /** GPUs that are free on nodes with so many free: of all nodes, and of those that a gang fits when idle. */
  private readonly freeBy: number[] = [];
  private readonly largeFreeBy: number[] = [];
  private gpus = 0;
  private readonly seconds = { hired: 0, free: 0, unfit: 0, largeFree: 0, stranded: 0 };

  /** @param sizes how many GPUs each of the demands asks for */
  constructor(offers: readonly FreeOffer[], sizes: readonly number[], span: { from: number; until: number }) {
    this.now = span.from;
    this.until = span.until;
    this.gang = Math.max(0, ...new Set(sizes));
    this.shares = [...Map.groupBy(sizes, (size) => size)].map(([gpus, all]) => ({
      gpus,
      share: all.length / sizes.length,
    }));
    for (const offer of offers) {
      this.gpus += offer.gpusTotal;
      this.add(offer, 1);
    }
  }

  moved(before: FreeOffer, after: FreeOffer): void {
    this.add(before, -1);
    this.add(after, 1);
  }

  /** Until this moment everything was as it is. */
  advance(at: number): void {
    const lasted = Math.min(at, this.until) - this.now;
    if (lasted <= 0) return;
    this.now += lasted;
    const free = below(this.freeBy, Number.POSITIVE_INFINITY);
    this.seconds.hired += lasted * (this.gpus - free);
    this.seconds.free += lasted * free;
    for (const { gpus, share } of this.shares)
      this.seconds.unfit += lasted * share * below(this.freeBy, gpus);
    this.seconds.largeFree += lasted * below(this.largeFreeBy, Number.POSITIVE_INFINITY);
    this.seconds.stranded += lasted * below(this.largeFreeBy, this.gang);
  }

  /** Of all GPU-seconds those hired. */
  utilisation(): number {
    return share(this.seconds.hired, this.seconds.hired + this.seconds.free);
  }

  /** Of the free GPU-seconds on nodes as large as the largest demand, those on nodes with too few free for it. */
  fragmentation(): number {
    return share(this.seconds.stranded, this.seconds.largeFree);
  }

  /**
   * Of the free GPU-seconds, those on nodes with too few free for the next demand, were it drawn from all demands: the
   * measure of Weng et al., "Beware of Fragmentation" (USENIX ATC 2023), on whole GPUs.
   */
  expectedFragmentation(): number {
    return share(this.seconds.unfit, this.seconds.free);
  }

  private add({ gpusFree, gpusTotal }: FreeOffer, sign: 1 | -1): void {
    this.freeBy[gpusFree] = (this.freeBy[gpusFree] ?? 0) + sign * gpusFree;
    if (gpusTotal >= this.gang)
      this.largeFreeBy[gpusFree] = (this.largeFreeBy[gpusFree] ?? 0) + sign * gpusFree;
  }
}

function below(freeBy: readonly number[], limit: number): number {
  let sum = 0;
  for (let free = 0; free < Math.min(limit, freeBy.length); free++) sum += freeBy[free] ?? 0;
  return sum;
}

const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
