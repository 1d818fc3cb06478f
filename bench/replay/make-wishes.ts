import type { TracePod } from "../read-trace.ts";
import type { Seeded } from "../seeded.ts";

/** A demand of the replay: when it comes, for how many whole GPUs, and how long it would run. Seconds. */
export type TraceDemand = {
  at: number;
  gpus: number;
  /** Of the GPUs it hires, how much it asked for: 1000 is one GPU. */
  milliGpus: number;
  runSeconds: number;
  /** It gives up when it has waited so long. */
  waitSeconds: number;
  /** Any of these models, all its GPUs of one; null: any at all. */
  models: readonly string[] | null;
};

/** How long pods wait, by their quality of service: assumed, the trace tells only when they were deleted. */
export const waitSecondsOf = (qos: string): number =>
  qos === "LS" || qos === "Guaranteed" ? LATENCY_SENSITIVE_WAIT : OTHERS_WAIT;
export const LATENCY_SENSITIVE_WAIT = 3600;
/** About the longest wait that the trace of 2023 has. */
export const OTHERS_WAIT = 4 * 3600;

/** Pods that ask for GPUs as demands, when they came. Whoever asked for part of a GPU hires a whole one. */
export function makeWishes(pods: readonly TracePod[]): TraceDemand[] {
  const ran = pods.flatMap((pod) => (pod.gpus > 0 ? (ranSeconds(pod) ?? []) : [])).sort((a, b) => a - b);
  const usual = ran[Math.floor(ran.length / 2)] ?? 0;
  return pods
    .filter((pod) => pod.gpus > 0)
    .map((pod) => ({
      at: pod.createdAt,
      gpus: pod.gpus,
      milliGpus: pod.gpus * pod.milliOfGpu,
      // A pod that never ran would have run as long as half of the others do: assumed.
      runSeconds: Math.max(1, ranSeconds(pod) ?? usual),
      waitSeconds: waitSecondsOf(pod.qos),
      models: pod.models,
    }));
}

/** For how long a pod ran; null when it never did, or when the trace ends before it. */
export const ranSeconds = (pod: TracePod): number | null =>
  pod.scheduledAt === null || pod.deletedAt === null ? null : pod.deletedAt - pod.scheduledAt;

/**
 * Demands drawn from the trace's, evenly over a time, until what they would run within that time is `load` × all that the
 * cluster's GPUs could.
 */
export function drawWishes(
  from: readonly TraceDemand[],
  of: { load: number; gpus: number; seconds: number; random: Seeded },
): TraceDemand[] {
  const goal = of.load * of.gpus * of.seconds;
  const drawn: TraceDemand[] = [];
  for (let asked = 0; asked < goal; ) {
    const wish = { ...of.random.pick(from), at: of.random.below(of.seconds) };
    asked += wish.gpus * Math.min(wish.runSeconds, of.seconds - wish.at);
    drawn.push(wish);
  }
  return drawn.sort((a, b) => a.at - b.at);
}
