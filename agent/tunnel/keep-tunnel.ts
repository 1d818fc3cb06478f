import { setTimeout as sleep } from "node:timers/promises";
import { errorText } from "@ionet/machine";
import type { LeaseId } from "@ionet/protocol";
import type { AgentSession } from "../sync/agent-session.ts";
import { backoffMs, chanceOf } from "../sync/backoff.ts";
import type { AgentLog } from "../sync/sync-loop.ts";
import { dialTunnel, tunnelPath } from "./dial-tunnel.ts";
import { serveTunnel, type TunnelTargets } from "./serve-tunnel.ts";

/** Keeps the tunnel of a head's lease open until the answer is called: dials again when it breaks, with growing pauses. */
export function keepTunnel(options: {
  url: string;
  leaseId: LeaseId;
  session: () => AgentSession | undefined;
  ray: TunnelTargets;
  random: { bytes(count: number): Uint8Array };
  log: AgentLog;
}): () => void {
  const { leaseId, log } = options;
  const end = new AbortController();
  const { signal } = end;

  const once = async () => {
    const session = options.session();
    if (session === undefined) throw new Error("no session with the control plane yet");
    const path = tunnelPath(leaseId);
    const socket = await dialTunnel({ url: options.url, path, headers: session.sign("GET", path), signal });
    log.info({ leaseId }, "tunnel open");
    await serveTunnel(socket, options.ray, signal);
  };
  const run = async () => {
    let failures = 0;
    while (!signal.aborted) {
      try {
        await once();
        failures = 0;
        if (!signal.aborted) log.warn({ leaseId }, "the tunnel ended; dialling again");
      } catch (error) {
        if (signal.aborted) return;
        failures++;
        const words = errorText(error);
        if (failures === 1) log.warn({ leaseId, error: words }, "no tunnel to the gateway; dialling again");
      }
      const pause = backoffMs(Math.max(failures, 1), chanceOf(options.random.bytes(2)));
      await sleep(pause, undefined, { signal }).catch(() => undefined);
    }
  };
  void run();
  return () => end.abort();
}
