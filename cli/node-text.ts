import { formatWindow, type Hardware, type NodeView, type Terms } from "@ionet/protocol";
import { priceText } from "./money-text.ts";
import { table } from "./table.ts";

/** A supplier's nodes: what they are and how they are reached. */
export function nodesText(nodes: readonly NodeView[]): string {
  if (nodes.length === 0) return "No nodes yet: `ionet agent token` makes a token that enrols them.";
  return table(
    ["node", "state", "GPUs", ">CPUs", ">RAM", ">disk free", "driver", "CUDA", "GPUs by", ">Mb/s up/down"],
    nodes.map(({ id, state, hardware }) => [
      id,
      state,
      gpusText(hardware),
      String(hardware?.cpus ?? "–"),
      gibibytes(hardware?.memoryMib),
      gibibytes(hardware?.diskFreeMib),
      hardware?.driverVersion ?? "–",
      hardware?.cudaVersion ?? "–",
      hardware?.interconnect ?? "–",
      linkText(hardware),
    ]),
  );
}

/** A supplier's nodes: what they ask. */
export function termsText(nodes: readonly NodeView[]): string {
  if (nodes.length === 0) return "No nodes yet: `ionet agent token` makes a token that enrols them.";
  return table(
    ["node", "state", ">$/GPU-hour", ">interruptible", "country", "lasts", "paid in", "for hire"],
    nodes.map(({ id, state, terms }) =>
      terms === null
        ? [id, state, "–", "–", "–", "–", "–", "not for hire"]
        : [
            id,
            state,
            priceText(terms.priceMicroUsdPerGpuHour),
            terms.interruptiblePriceMicroUsdPerGpuHour === null
              ? "no"
              : priceText(terms.interruptiblePriceMicroUsdPerGpuHour),
            terms.country,
            `${timeText(terms.minSeconds)} to ${timeText(terms.maxSeconds)}`,
            terms.currencies.join(", "),
            whenText(terms),
          ],
    ),
  );
}

const whenText = ({ windows }: Terms): string =>
  windows.length === 0 ? "always" : windows.map(formatWindow).join("; ");

function gpusText(hardware: Hardware | null): string {
  if (hardware === null) return "–";
  const counts = new Map<string, number>();
  for (const gpu of hardware.gpus) {
    const name = `${gpu.model}${gpu.simulated ? " (simulated)" : ""}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([name, count]) => `${count} × ${name}`).join(", ") || "none";
}

function linkText(hardware: Hardware | null): string {
  const link = hardware?.link;
  if (link === undefined) return "not measured";
  const speed = `${Math.round(link.upMbps)}/${Math.round(link.downMbps)}`;
  return link.loopback ? `${speed} (loopback)` : speed;
}

const gibibytes = (mebibytes: number | undefined): string =>
  mebibytes === undefined ? "–" : `${Math.round(mebibytes / 1024)} GiB`;

/** Whole days, hours or minutes where they are whole. */
function timeText(seconds: number): string {
  for (const [unit, size] of [
    ["d", 86_400],
    ["h", 3600],
    ["min", 60],
  ] as const) {
    if (seconds % size === 0) return `${seconds / size} ${unit}`;
  }
  return `${seconds} s`;
}
