import { Problem } from "@ionet/protocol";
import { type SdkClock, systemClock } from "./clock.ts";
import { pause } from "./pause.ts";

/** How patient a call is with a control plane that does not answer. */
export type Patience = {
  /** Not tried again after this, Unix ms; for ever when left out. */
  untilMs?: number;
  clock?: SdkClock;
  signal?: AbortSignal;
  /** It does not answer and is called again after so many ms. */
  onUnreachable?: (problem: Problem, againMs: number) => void;
  /** The first pause, in ms; each one is twice as long as the one before it, up to 15 s. */
  firstPauseMs?: number;
};

const LONGEST_PAUSE_MS = 15_000;

/**
 * Makes a call again and again while nothing answers (`unavailable`): a control plane that was stopped, or a network that
 * is gone for a while. Only for calls that change nothing. Throws every other problem at once, and that one when the time
 * is over.
 */
export async function patiently<Answer>(call: () => Promise<Answer>, patience: Patience): Promise<Answer> {
  const { untilMs = Number.POSITIVE_INFINITY, clock = systemClock, signal, onUnreachable } = patience;
  for (let pauseMs = patience.firstPauseMs ?? 500; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    try {
      return await call();
    } catch (error) {
      if (!isUnavailable(error) || clock.now() + pauseMs > untilMs) throw error;
      onUnreachable?.(error, pauseMs);
      await pause(pauseMs, signal);
    }
  }
}

export const isUnavailable = (error: unknown): error is Problem =>
  error instanceof Problem && error.code === "unavailable";
