import { setTimeout as sleep } from "node:timers/promises";
import { type Clock, errorText } from "@ionet/machine";
import type { Desired, Observation } from "@ionet/protocol";
import type { AgentSession } from "./agent-session.ts";
import { backoffMs, chanceOf } from "./backoff.ts";
import { Refusal, Unreachable } from "./control-plane-client.ts";

export type AgentLog = {
  info(context: object, message: string): void;
  warn(context: object, message: string): void;
  error(context: object, message: string): void;
};

export type SyncLoop = {
  /** Something the control plane should know has changed: the held call is given up and a new one posted at once. */
  changed(): void;
  /** The session now open, for other signed requests. */
  session(): AgentSession | undefined;
  /** When the control plane last said what is desired, Unix milliseconds. */
  lastHeardMs(): number;
  /** How many syncs were answered. */
  answers(): number;
  /** Ends the loop; a call on its way is given up. */
  stop(): Promise<void>;
};

/** Changes that come together go out together. */
const GATHER_MS = 20;
/** While another agent has the key, and while an update is needed. */
const SLOW_RETRY_MS = 3_000;
const UPDATE_RETRY_MS = 60_000;

/**
 * Speaks with the control plane for as long as the agent lives: posts what is seen, applies what is desired. It never
 * throws; when nobody answers it waits longer and longer and goes on, and what it did not get across it says later.
 */
export function startSync(options: {
  open: (signal: AbortSignal) => Promise<AgentSession>;
  observe: () => Observation;
  apply: (desired: Desired) => void;
  clock: Clock;
  random: { bytes(count: number): Uint8Array };
  log: AgentLog;
}): SyncLoop {
  const { clock, log } = options;
  const end = new AbortController();
  let session: AgentSession | undefined;
  let held: AbortController | undefined;
  let hasChanged = false;
  let gathering: NodeJS.Timeout | undefined;
  let lastHeardMs = clock.now();
  let answers = 0;
  let failures = 0;
  let isSilent = false;
  /** A session has ended and its successor has not been answered yet. */
  let isReopening = false;

  const once = async () => {
    held = new AbortController();
    const signal = AbortSignal.any([held.signal, end.signal]);
    session ??= await options.open(end.signal);
    hasChanged = false;
    const desired = await session.sync(options.observe(), signal);
    lastHeardMs = clock.now();
    if (isSilent) log.info({ failures }, "the control plane answers again");
    failures = 0;
    isSilent = false;
    isReopening = false;
    options.apply(desired);
    answers++;
  };

  /** How long to wait before the next try. */
  const afterFailure = (error: unknown): number => {
    failures++;
    const wait = backoffMs(failures, chanceOf(options.random.bytes(2)));
    if (error instanceof Refusal) {
      // The control plane was restarted, or the session's time is over: shake hands again, the first time at once.
      const wasOpen = session !== undefined;
      session = undefined;
      if (error.status === 401 && wasOpen) {
        log.info({ code: error.code }, "the session has ended; opening another");
        const isFirst = !isReopening;
        isReopening = true;
        return isFirst ? 0 : wait;
      }
      log.warn({ code: error.code, next: error.next }, error.message);
      if (error.code === "node-already-connected") return SLOW_RETRY_MS;
      return error.code === "protocol-version-unsupported" ? UPDATE_RETRY_MS : Math.max(wait, 1_000);
    }
    const words = errorText(error);
    if (!(error instanceof Unreachable)) log.error({ error: words }, "a sync failed");
    else if (!isSilent)
      log.warn({ error: words }, "the control plane does not answer; leases go on meanwhile");
    isSilent = true;
    return wait;
  };

  const loop = async () => {
    while (!end.signal.aborted) {
      try {
        await once();
      } catch (error) {
        if (end.signal.aborted) return;
        if (held?.signal.aborted) continue;
        await sleep(afterFailure(error), undefined, { signal: end.signal }).catch(() => undefined);
      } finally {
        held = undefined;
      }
    }
  };
  const running = loop();

  return {
    changed: () => {
      if (hasChanged) return;
      hasChanged = true;
      gathering = setTimeout(() => {
        // The flag is down again when a call with the news has begun meanwhile.
        if (hasChanged) held?.abort();
      }, GATHER_MS);
    },
    session: () => session,
    lastHeardMs: () => lastHeardMs,
    answers: () => answers,
    stop: async () => {
      clearTimeout(gathering);
      end.abort();
      await running;
    },
  };
}
