import type { FreeOffer, Share } from "@ionet/placement";
import { dollarRate, leaseBudget } from "@ionet/protocol";
import { openCluster } from "./cluster.ts";
import type { TraceDemand } from "./make-wishes.ts";
import { Measure } from "./measure.ts";
import type { Policy } from "./policies.ts";
import { Timeline } from "./timeline.ts";

/** The shortest time that is billed. */
const LEAST_BILLED_SECONDS = 60;

export type ReplayOutcome = {
  /** Demands that got their GPUs before they gave up, gave up, and that even the idle cluster could not meet. */
  started: number;
  gaveUp: number;
  impossible: number;
  /** Of those that got their GPUs, in seconds, ascending. */
  waits: number[];
  /** Within the time that is measured: how long the longest few run is chance. */
  costMicroUsd: bigint;
  hiredGpuSeconds: number;
  measure: Measure;
};

/**
 * Replays demands in virtual time through one policy: who comes is served in the order of arrival, the first who can't be
 * makes all others wait, until GPUs become free or it gives up. Everything until `until` is measured; demands that came
 * are followed to their end.
 * @param wishes in the order they come
 */
export function replay(
  offers: readonly FreeOffer[],
  wishes: readonly TraceDemand[],
  policy: Policy,
  span: { from: number; until: number },
): ReplayOutcome {
  const sizes = wishes.map((wish) => wish.gpus);
  const measure = new Measure(offers, sizes, span);
  const cluster = openCluster(offers, (before, after) => measure.moved(before, after));
  const idle = openCluster(offers, () => {});
  const possible = memoized((wish: TraceDemand) => policy.choose(idle, wish) !== null);
  const outcome = { started: 0, gaveUp: 0, impossible: 0, waits: [] as number[], costMicroUsd: 0n };
  let hiredGpuSeconds = 0;
  const timeline = new Timeline<{ what: "comes" | "ends" | "gives up"; demand: number }>();
  const queue: number[] = [];
  let first = 0;
  /** Who could not be served and has seen nothing become free since. */
  let stuck = -1;
  const waiting = new Set<number>();
  for (const [demand, { at }] of wishes.entries()) timeline.put(at, { what: "comes", demand });

  function start(demand: number, wish: TraceDemand, shares: readonly Share[], now: number): void {
    waiting.delete(demand);
    cluster.hold(demand, shares);
    timeline.put(now + wish.runSeconds, { what: "ends", demand });
    outcome.started++;
    outcome.waits.push(now - wish.at);
    const measured = Math.min(wish.runSeconds, span.until - now);
    if (measured <= 0) return;
    hiredGpuSeconds += wish.gpus * measured;
    outcome.costMicroUsd += costOf(shares, measured);
  }

  function serve(now: number): void {
    for (; first < queue.length; first++) {
      const demand = queue[first] ?? -1;
      const wish = wishes[demand];
      if (wish === undefined || !waiting.has(demand)) continue;
      if (stuck === demand) return;
      const shares = policy.choose(cluster, wish);
      if (shares === null) {
        stuck = demand;
        return;
      }
      start(demand, wish, shares, now);
    }
  }

  for (let now = timeline.nextAt(); now !== Number.POSITIVE_INFINITY; now = timeline.nextAt()) {
    measure.advance(now);
    while (timeline.nextAt() === now) {
      const event = timeline.take();
      const wish = event === undefined ? undefined : wishes[event.demand];
      if (event === undefined || wish === undefined) continue;
      const { what, demand } = event;
      if (what === "ends") {
        cluster.free(demand);
        stuck = -1;
      } else if (what === "gives up") outcome.gaveUp += Number(waiting.delete(demand));
      else if (!possible(wish)) outcome.impossible++;
      else {
        waiting.add(demand);
        queue.push(demand);
        timeline.put(now + wish.waitSeconds, { what: "gives up", demand });
      }
    }
    serve(now);
  }
  measure.advance(span.until);
  outcome.waits.sort((a, b) => a - b);
  return { ...outcome, hiredGpuSeconds, measure };
}

function memoized(judge: (wish: TraceDemand) => boolean): (wish: TraceDemand) => boolean {
  const known = new Map<string, boolean>();
  return (wish) => {
    const key = `${wish.gpus} ${wish.models?.join(" ") ?? "any"}`;
    const answer = known.get(key) ?? judge(wish);
    known.set(key, answer);
    return answer;
  };
}

/** Micro-USD for as long as it ran. */
const costOf = (shares: readonly Share[], seconds: number): bigint =>
  shares.reduce(
    (sum, { offer, gpus }) =>
      sum +
      leaseBudget(
        dollarRate(offer.priceMicroUsdPerGpuHour, gpus.length),
        Math.max(LEAST_BILLED_SECONDS, seconds),
      ),
    0n,
  );
