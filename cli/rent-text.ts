import type { Cluster, Reservation } from "@ionet/protocol";
import type { RentEvent } from "@ionet/sdk";
import { clusterText } from "./cluster-text.ts";
import type { Terminal } from "./terminal.ts";

type Progress = Extract<RentEvent, { event: "opened" } | { event: "funded" } | { event: "cluster" }>;

/** Tells what happens between the booking and the running cluster. */
export function noteProgress(terminal: Terminal, event: Progress): void {
  if (event.event === "opened") terminal.note(fundedText(event.reservation, event.escrow.address));
  if (event.event === "cluster") terminal.note(`${event.cluster.state}: ${phasesText(event.cluster.leases)}`);
}

/** A cluster that is ready, and what to type next. */
export const readyText = (cluster: Cluster): string =>
  [
    clusterText(cluster),
    "",
    "Go on with:",
    `  ionet submit ${cluster.id} --working-dir . -- python main.py`,
    `  RAY_AUTH_MODE=token RAY_AUTH_TOKEN=$(ionet token) ray job submit --address ${cluster.jobsAddress} -- python -c 'print(1)'`,
    `  ionet stop ${cluster.id}`,
  ].join("\n");

/** One line an escrow: a large cluster has several, and starts with the last of them. */
function fundedText({ escrows }: Reservation, address: string): string {
  const position = escrows.findIndex((escrow) => escrow.address === address);
  return `funded: escrow ${address}${escrows.length === 1 ? "" : ` (${position + 1} of ${escrows.length})`}`;
}

function phasesText(leases: readonly { phase: string }[]): string {
  const counts = new Map<string, number>();
  for (const { phase } of leases) counts.set(phase, (counts.get(phase) ?? 0) + 1);
  return [...counts].map(([phase, count]) => `${count} ${phase}`).join(", ");
}
