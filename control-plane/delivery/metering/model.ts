import { CLOCK_SKEW_LIMIT_SECONDS, type LeaseId, STATEMENT_GAP_LIMIT_SECONDS } from "@ionet/protocol";
import type { LeaseRecord } from "../clusters/model.ts";

/** A node's clock may be off ours by this much either way, milliseconds. */
export const CLOCK_SKEW_MS = CLOCK_SKEW_LIMIT_SECONDS * 1000;
/** The head's word on a stretch of time is waited for this long; a head that is silent contradicts nobody. */
export const HEAD_WORD_LIMIT_MS = 30_000;
/** A worker that the head has lacked for this long is ended: else it works unpaid, or is said to by a head that lies. */
export const CONTRADICTION_LIMIT_MS = 30_000;
/** How often a running cluster gets a new reading. */
export const READING_INTERVAL_MS = 30_000;

/** As much of a statement as counting needs. Unix milliseconds of the node's clock. */
export type CountedStatement = {
  sequence: number;
  atMs: number;
  gpus: readonly number[];
  peersAlive: readonly LeaseId[] | null;
};

/** What a lease's statements are counted against. */
export type CountedLease = {
  id: LeaseId;
  role: "head" | "worker";
  gpus: readonly number[];
  /** Nothing before this is billed. */
  billableFromMs: number;
  /** Nothing after this is billed. */
  billableUntilMs: number | null;
};

/**
 * Within which time a lease may earn, Unix milliseconds of our clock. It begins when we heard that the lease had joined,
 * or as much earlier as the node's clock may be off; it ends when the lease was asked to stop or ended, whichever was first.
 */
export function billableSpan(
  lease: Pick<LeaseRecord, "assignedAtMs" | "joinedAtMs" | "stopAskedAtMs" | "endedAtMs">,
): Pick<CountedLease, "billableFromMs" | "billableUntilMs"> {
  const ends = [lease.stopAskedAtMs, lease.endedAtMs].filter((atMs) => atMs !== null);
  return {
    billableFromMs: Math.max(
      lease.assignedAtMs,
      (lease.joinedAtMs ?? Number.POSITIVE_INFINITY) - CLOCK_SKEW_MS,
    ),
    billableUntilMs: ends.length === 0 ? null : Math.min(...ends),
  };
}

/**
 * Milliseconds that two consecutive statements of a lease prove: none when they are more than 15 s apart, when one of
 * them lacks a GPU of the lease, or when every word of the head from within that time leaves the lease out.
 */
export function provenMs(
  from: CountedStatement,
  to: CountedStatement,
  head: readonly CountedStatement[],
  lease: CountedLease,
): number {
  if (to.atMs - from.atMs > STATEMENT_GAP_LIMIT_SECONDS * 1000) return 0;
  const whole = (statement: CountedStatement) => lease.gpus.every((gpu) => statement.gpus.includes(gpu));
  if (!whole(from) || !whole(to)) return 0;
  if (lease.role === "worker" && isContradicted(from, to, head, lease.id)) return 0;
  const untilMs = lease.billableUntilMs === null ? to.atMs : Math.min(to.atMs, lease.billableUntilMs);
  return Math.max(0, untilMs - Math.max(from.atMs, lease.billableFromMs));
}

function isContradicted(
  from: CountedStatement,
  to: CountedStatement,
  head: readonly CountedStatement[],
  leaseId: LeaseId,
): boolean {
  const words = head.filter(
    ({ atMs, peersAlive }) => peersAlive !== null && atMs > from.atMs && atMs <= to.atMs,
  );
  return words.length > 0 && words.every(({ peersAlive }) => !peersAlive?.includes(leaseId));
}

/** Milliseconds that a run of consecutive statements of one lease proves, in all. */
export function countMilliseconds(
  own: readonly CountedStatement[],
  head: readonly CountedStatement[],
  lease: CountedLease,
): number {
  let total = 0;
  for (const [index, to] of own.entries()) {
    const from = own[index - 1];
    if (from !== undefined) total += provenMs(from, to, head, lease);
  }
  return total;
}

/**
 * Whole seconds to be billed: what was delivered, at least the minimum for a lease that served, never more than its
 * budget. A lease served when its cluster was ready once, or its head saw it alive: its agent's word alone is not enough.
 */
export function billedSeconds(
  deliveredMs: number,
  lease: { served: boolean; minimumSeconds: number; maxSeconds: number },
): number {
  const delivered = Math.floor(deliveredMs / 1000);
  return Math.min(lease.served ? Math.max(delivered, lease.minimumSeconds) : delivered, lease.maxSeconds);
}

/**
 * The statements up to which a lease can be counted now: each stretch waits for the head's word on it, but not for ever.
 * `own` begins with the statement that was counted last.
 */
export function countable<Own extends CountedStatement & { receivedAtMs: number }>(
  own: readonly Own[],
  lease: Pick<CountedLease, "role">,
  known: { headLastAtMs: number | null; headEnded: boolean; nowMs: number },
): Own[] {
  if (lease.role === "head" || known.headEnded) return [...own];
  const waiting = own.findIndex(
    ({ atMs, receivedAtMs }, index) =>
      index > 0 && atMs > (known.headLastAtMs ?? 0) && known.nowMs - receivedAtMs < HEAD_WORD_LIMIT_MS,
  );
  return waiting === -1 ? [...own] : own.slice(0, waiting);
}

/**
 * For how long the head has lacked a lease, without a break up to its newest word: milliseconds between the first and the
 * last of those words. A hole in the head's words, or one word that has the lease, begins it anew.
 */
export function contradictedMs(head: readonly CountedStatement[], leaseId: LeaseId): number {
  let since: CountedStatement | undefined;
  let last: CountedStatement | undefined;
  for (const word of head) {
    const isHole = last !== undefined && word.atMs - last.atMs > STATEMENT_GAP_LIMIT_SECONDS * 1000;
    if (word.peersAlive === null || word.peersAlive.includes(leaseId)) since = undefined;
    else if (since === undefined || isHole) since = word;
    last = word;
  }
  return since === undefined || last === undefined ? 0 : last.atMs - since.atMs;
}
