import type { Clock } from "@ionet/machine";
import { problem } from "@ionet/protocol";

const MAX_REMEMBERED = 10_000;

/**
 * A bucket of calls for each caller: `perMinute` at once, refilled evenly. Throws `rate-limited` when it is empty.
 * Kept in memory: a restart forgives.
 */
export function createRateLimit(clock: Clock, perMinute: number): (who: string) => void {
  const buckets = new Map<string, { left: number; atMs: number }>();
  return (who) => {
    const nowMs = clock.now();
    const bucket = buckets.get(who) ?? { left: perMinute, atMs: nowMs };
    const left = Math.min(perMinute, bucket.left + ((nowMs - bucket.atMs) * perMinute) / 60_000);
    // The oldest is forgotten first, so that a flood of addresses can't fill the memory.
    buckets.delete(who);
    if (buckets.size >= MAX_REMEMBERED)
      for (const oldest of buckets.keys()) if (buckets.delete(oldest)) break;
    buckets.set(who, { left: left < 1 ? left : left - 1, atMs: nowMs });
    if (left < 1) {
      throw problem("rate-limited", {
        detail: "too many calls without signing in came from this address",
        allowed: `${perMinute} a minute`,
        next: `Wait ${Math.ceil(((1 - left) * 60) / perMinute)} s, then try again.`,
      });
    }
  };
}
