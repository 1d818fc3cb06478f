import type { ClusterState, EndReason, LeaseId, NodeId } from "@ionet/protocol";
import {
  type ClusterWithLeases,
  FORMING_LIMIT_MS,
  isEnding,
  isRunning,
  type LeaseRecord,
  RETURN_LIMIT_MS,
  STOP_LIMIT_MS,
  UNSEEN_LIMIT_MS,
  WARNINGS_MINUTES,
} from "./model.ts";

/** What is known besides the cluster's own rows. Unix milliseconds. */
export type Seen = {
  nowMs: number;
  /** Since when we have been watching without a break: silence before that is nobody's fault but ours. */
  watchingSinceMs: number;
  lastSeenAtMs: ReadonlyMap<NodeId, number>;
  /** The addresses that nodes report as their own. */
  addresses: ReadonlyMap<NodeId, string>;
};

export type Step =
  | { do: "end-lease"; leaseId: LeaseId; reason: EndReason }
  | { do: "ask-stop"; leaseId: LeaseId; reason: EndReason }
  | { do: "warn"; minutes: number; leftMs: number }
  | { do: "move"; to: ClusterState; reason: EndReason | null };

const MINUTE_MS = 60_000;
const joined = (lease: LeaseRecord) => lease.phase === "joined";
const ended = (lease: LeaseRecord) => lease.phase === "ended";

/**
 * What is to be done with a cluster now: one round. Leases first; where a lease has to end, the cluster's own move waits
 * for the next round, which sees it ended.
 */
export function decideCluster({ cluster, leases }: ClusterWithLeases, seen: Seen): Step[] {
  if (cluster.closedAtMs !== null) return [];
  const held = leases.filter((lease) => !ended(lease));
  const lost = held.filter((lease) => isLost(lease, seen));
  if (lost.length > 0) {
    return lost.map((lease) => ({ do: "end-lease", leaseId: lease.id, reason: "agent-lost" }));
  }
  const spent = held.filter((lease) => isSpent(lease, seen.nowMs));
  const asks = spent.map((lease): Step => ({ do: "ask-stop", leaseId: lease.id, reason: "budget-spent" }));
  const reclaimed = held.filter((lease) => isReclaimed(lease, seen.nowMs) && !spent.includes(lease));
  for (const { id } of reclaimed) asks.push({ do: "ask-stop", leaseId: id, reason: "reclaimed-by-supplier" });
  const warning = decideWarning({ cluster, leases }, seen.nowMs);
  return [...asks, ...warning, ...decideMove({ cluster, leases }, seen)];
}

/** Each warning once, and none that a budget began below; the next lease to end decides. */
function decideWarning({ cluster, leases }: ClusterWithLeases, nowMs: number): Step[] {
  const running = leases.filter((lease) => joined(lease) && lease.stopAskedAtMs === null);
  if (!isRunning(cluster.state) || running.length === 0) return [];
  const ends = running.map((lease) => (lease.joinedAtMs ?? nowMs) + lease.maxSeconds * 1000);
  const leftMs = Math.min(...ends) - nowMs;
  const budgetMs = Math.min(...running.map((lease) => lease.maxSeconds)) * 1000;
  const due = WARNINGS_MINUTES.findLast((minutes) => leftMs <= minutes * MINUTE_MS);
  if (due === undefined || leftMs <= 0 || budgetMs <= due * MINUTE_MS) return [];
  if (cluster.warnedMinutes !== null && cluster.warnedMinutes <= due) return [];
  return [{ do: "warn", minutes: due, leftMs }];
}

/** Not heard of for too long; or asked to stop, and silent about it for too long. */
function isLost(lease: LeaseRecord, seen: Seen): boolean {
  // After a break of our own, agents need their time to come back.
  if (seen.nowMs - seen.watchingSinceMs < RETURN_LIMIT_MS) return false;
  const heardAtMs = Math.max(seen.lastSeenAtMs.get(lease.nodeId) ?? 0, lease.assignedAtMs);
  if (seen.nowMs - heardAtMs >= UNSEEN_LIMIT_MS) return true;
  return lease.stopAskedAtMs !== null && seen.nowMs - lease.stopAskedAtMs >= STOP_LIMIT_MS;
}

/** Its agent stops it at maxSeconds by itself; this is the second pair of eyes. */
const isSpent = (lease: LeaseRecord, nowMs: number): boolean =>
  lease.joinedAtMs !== null &&
  lease.stopAskedAtMs === null &&
  nowMs - lease.joinedAtMs >= lease.maxSeconds * 1000;

/** Its supplier's notice is over. */
const isReclaimed = (lease: LeaseRecord, nowMs: number): boolean =>
  lease.reclaimAtMs !== null && lease.stopAskedAtMs === null && nowMs >= lease.reclaimAtMs;

function decideMove({ cluster, leases }: ClusterWithLeases, seen: Seen): Step[] {
  const head = leases.find((lease) => lease.role === "head");
  if (isEnding(cluster.state)) return [];
  if (cluster.state === "forming") {
    const broken = leases.find(ended);
    if (broken) return stopAll(leases, "failed", broken.reason ?? "agent-lost");
    if (shareAddress(leases, seen)) return stopAll(leases, "failed", "address-shared");
    if (leases.every(joined)) return [{ do: "move", to: "ready", reason: null }];
    if (seen.nowMs - cluster.createdAtMs >= FORMING_LIMIT_MS)
      return stopAll(leases, "failed", "forming-timed-out");
    return [];
  }
  if (!isRunning(cluster.state)) return [];
  if (head && ended(head)) {
    return head.reason === "budget-spent" || head.reason === "reclaimed-by-supplier"
      ? stopAll(leases, "stopping", head.reason)
      : stopAll(leases, "failed", "head-lost");
  }
  const whole = leases.every(joined);
  if (whole === (cluster.state === "ready")) return [];
  return whole
    ? [{ do: "move", to: "ready", reason: null }]
    : [{ do: "move", to: "degraded", reason: leases.find(ended)?.reason ?? null }];
}

/** Whether two nodes of a cluster claim the same address: then one of them speaks of a machine that is not its own. */
function shareAddress(leases: readonly LeaseRecord[], { addresses }: Seen): boolean {
  const nodes = [...new Set(leases.map((lease) => lease.nodeId))];
  const claimed = nodes.flatMap((node) => addresses.get(node) ?? []);
  return new Set(claimed).size < claimed.length;
}

/** The cluster's end: every lease that still runs is told to stop, with the reason. */
export function stopAll(
  leases: readonly LeaseRecord[],
  to: "stopping" | "failed",
  reason: EndReason,
): Step[] {
  const running = leases.filter((lease) => !ended(lease) && lease.stopAskedAtMs === null);
  return [
    ...running.map((lease): Step => ({ do: "ask-stop", leaseId: lease.id, reason })),
    { do: "move", to, reason },
  ];
}
