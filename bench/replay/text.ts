import { assumptions } from "./assumptions.ts";
import type { Result } from "./compare-policies.ts";
import type { PolicyResult } from "./summary.ts";

/** The result as people read it. */
export function text({ trace, before, loads, prices, usedOfHired, ...recorded }: Result): string {
  return [
    `${trace.files.nodes}, ${trace.files.pods}: ${trace.nodes} nodes (${trace.nodesWithGpus} with ${trace.gpus} GPUs), ${trace.pods} pods over ${trace.days} days`,
    `${trace.gpuDemands} pods ask for GPUs, ${trace.fractional} of them for part of one (hired whole: ${percent(usedOfHired)} of hired GPU time was asked for); ${trace.withoutGpu} ask for none and are left out; ${trace.neverScheduled} never ran in the trace`,
    "",
    `before: the trace's own scheduler: GPUs asked for ${percent(before.gpuUtilisation)} of the time (${percent(before.gpuUtilisationWhole)} as whole GPUs), ${percent(before.accepted)} of the demands ran, waits: median ${before.medianWaitSeconds} s, p95 ${before.p95WaitSeconds} s`,
    "",
    ...table("as recorded", trace.gpuDemands, recorded),
    ...loads.flatMap((run) => table(`load ×${run.load} over ${run.hours} h`, run.demands, run)),
    "Prices, per GPU-hour:",
    ...prices.map(
      ({ model, microUsdPerGpuHour, basis }) =>
        `  ${model.padEnd(12)} $${(Number(microUsdPerGpuHour) / 1e6).toFixed(3)}  ${basis}`,
    ),
    "",
    "What is assumed:",
    ...assumptions.map((line) => `  ${line}`),
  ].join("\n");
}

type ReplayRun = { policies: readonly PolicyResult[]; severalNodes: PolicyResult };

function table(title: string, demands: number, { policies, severalNodes }: ReplayRun): string[] {
  const heads = ["accepted", "utilisation", "cost", "per GPU-h", "wait median", "mean", "p95", "fragmented"];
  const line = (name: string, cells: readonly string[]) =>
    `  ${name.padEnd(21)}${cells.map((cell) => cell.padStart(13)).join("")}`;
  return [
    `${title}: ${demands} demands`,
    line("", heads),
    ...[...policies, severalNodes].map((row) =>
      line(row.name, [
        percent(row.accepted),
        percent(row.gpuUtilisation),
        `$${Math.round(row.costUsd)}`,
        `$${row.usdPerGpuHour.toFixed(3)}`,
        `${row.medianWaitSeconds} s`,
        `${Math.round(row.meanWaitSeconds)} s`,
        `${row.p95WaitSeconds} s`,
        percent(row.fragmentation),
      ]),
    ),
    "",
  ];
}

const percent = (share: number): string => `${(100 * share).toFixed(share < 0.01 ? 3 : 1)} %`;
