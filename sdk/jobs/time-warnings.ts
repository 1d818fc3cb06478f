import type { ClusterEvent, ClusterId } from "@ionet/protocol";
import type { Ionet } from "../client.ts";
import { isUnavailable } from "../patiently.ts";
import { pause } from "../pause.ts";

/** What is needed of a client. */
type Looks = {
  getCluster(call: Parameters<Ionet["getCluster"]>[0]): Promise<{ events: ClusterEvent[] }>;
};

const LOOK_AGAIN_MS = 20_000;

/**
 * Tells that a cluster's time runs out (15 and 5 minutes before it does), as it happens, until the signal: one that was
 * told before counts while no top-up came after it. Ends by itself where the token may not look.
 */
export async function watchTimeWarnings(
  ionet: Looks,
  clusterId: ClusterId,
  {
    onWarning,
    signal,
    pollMs = LOOK_AGAIN_MS,
  }: { onWarning: (event: ClusterEvent) => void; signal: AbortSignal; pollMs?: number },
): Promise<void> {
  const told = new Set<string>();
  while (!signal.aborted) {
    try {
      const { events } = await ionet.getCluster({ params: { clusterId }, signal });
      const topUp = events.findLastIndex(({ event }) => event === "topped-up");
      const now = events.slice(topUp + 1).findLast(({ event }) => event === "time-short");
      if (now !== undefined && !told.has(now.at)) onWarning(now);
      if (now !== undefined) told.add(now.at);
    } catch (error) {
      if (!isUnavailable(error)) return;
    }
    await pause(pollMs, signal).catch(() => undefined);
  }
}
