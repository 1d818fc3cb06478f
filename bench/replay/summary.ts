import type { TraceDemand } from "./make-wishes.ts";
import type { ReplayOutcome } from "./replay.ts";

/** What one policy made of the demands. Shares are of 1; waits are of those that got their GPUs. */
export type PolicyResult = {
  name: string;
  /** Share of the demands that got their GPUs before they gave up. */
  accepted: number;
  gaveUp: number;
  /** Demands that not even the idle cluster can meet. */
  impossible: number;
  /** Hired GPU-seconds of all there are, and the part of it that was asked for: parts of GPUs are hired as whole ones. */
  gpuUtilisation: number;
  costUsd: number;
  usdPerGpuHour: number;
  medianWaitSeconds: number;
  meanWaitSeconds: number;
  p95WaitSeconds: number;
  fragmentation: number;
  expectedFragmentation: number;
};

export function summarise(
  name: string,
  wishes: readonly TraceDemand[],
  outcome: ReplayOutcome,
): PolicyResult {
  const { waits, measure } = outcome;
  const at = (quantile: number) => waits[Math.floor(quantile * (waits.length - 1))] ?? 0;
  return {
    name,
    accepted: rounded(outcome.started / wishes.length, 4),
    gaveUp: outcome.gaveUp,
    impossible: outcome.impossible,
    gpuUtilisation: rounded(measure.utilisation(), 4),
    costUsd: Number(outcome.costMicroUsd / 10_000n) / 100,
    usdPerGpuHour: rounded(
      Number(outcome.costMicroUsd) / 1e6 / (Math.max(1, outcome.hiredGpuSeconds) / 3600),
      4,
    ),
    medianWaitSeconds: at(0.5),
    meanWaitSeconds: rounded(waits.reduce((sum, wait) => sum + wait, 0) / Math.max(1, waits.length), 1),
    p95WaitSeconds: at(0.95),
    fragmentation: rounded(measure.fragmentation(), 4),
    expectedFragmentation: rounded(measure.expectedFragmentation(), 6),
  };
}

export const rounded = (value: number, places: number): number => Number(value.toFixed(places));
