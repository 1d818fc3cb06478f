import type { Trace } from "../read-trace.ts";
import { ranSeconds } from "./make-wishes.ts";
import { rounded } from "./summary.ts";

/** What the trace itself tells: its machines, what was asked, and how its own scheduler did. */
export function factsOf({ nodes, pods, files }: Trace) {
  const gpus = nodes.reduce((sum, node) => sum + node.gpus, 0);
  const asking = pods.filter((pod) => pod.gpus > 0);
  const scheduled = asking.flatMap((pod) =>
    pod.scheduledAt === null ? [] : [{ ...pod, scheduledAt: pod.scheduledAt }],
  );
  const waits = scheduled.map((pod) => pod.scheduledAt - pod.createdAt).sort((a, b) => a - b);
  const ends = asking.map((pod) => pod.deletedAt ?? pod.scheduledAt ?? pod.createdAt);
  const span = {
    from: asking.reduce((least, pod) => Math.min(least, pod.createdAt), Number.POSITIVE_INFINITY),
    until: ends.reduce((most, end) => Math.max(most, end), 0),
  };
  const asked = scheduled.reduce(
    (sum, pod) => sum + ((pod.gpus * pod.milliOfGpu) / 1000) * (ranSeconds(pod) ?? 0),
    0,
  );
  const whole = scheduled.reduce((sum, pod) => sum + pod.gpus * (ranSeconds(pod) ?? 0), 0);
  const all = gpus * (span.until - span.from);
  const at = (quantile: number) => waits[Math.floor(quantile * (waits.length - 1))] ?? 0;
  return {
    span,
    trace: {
      files,
      nodes: nodes.length,
      nodesWithGpus: nodes.filter((node) => node.gpus > 0).length,
      gpus,
      pods: pods.length,
      gpuDemands: asking.length,
      /** Ask for part of one GPU; each hires a whole one. */
      fractional: asking.filter((pod) => pod.milliOfGpu < 1000).length,
      withoutGpu: pods.length - asking.length,
      neverScheduled: asking.length - scheduled.length,
      days: rounded((span.until - span.from) / 86_400, 1),
    },
    /** The traced cluster's own scheduler, which shares GPUs: what of them was asked for while it ran. */
    before: {
      gpuUtilisation: rounded(asked / all, 6),
      gpuUtilisationWhole: rounded(whole / all, 6),
      accepted: rounded(scheduled.length / asking.length, 4),
      medianWaitSeconds: at(0.5),
      p95WaitSeconds: at(0.95),
    },
  };
}
