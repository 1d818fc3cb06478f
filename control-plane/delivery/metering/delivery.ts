import { type EndReason, STATEMENT_GAP_LIMIT_SECONDS } from "@ionet/protocol";
import type { Delivery } from "../../supply/inventory/reliability.ts";
import type { LeaseRecord } from "../clusters/model.ts";

/** What a node fails at counts for a day at most beyond what it had delivered, however long it was hired for. */
const FAILURE_SECONDS = 86_400;

/** Whose doing a lease's end was: the node's, nobody's that can be told, or the engineer's (or the time was up). */
const causeOf: Readonly<Record<EndReason, "node" | "unknown" | "other">> = {
  "stopped-by-engineer": "other",
  "budget-spent": "other",
  // The lower price was paid for that.
  "reclaimed-by-supplier": "other",
  "head-lost": "other",
  "forming-timed-out": "other",
  "control-plane-silent": "unknown",
  "head-contradicts": "unknown",
  "agent-lost": "node",
  "ray-failed-to-start": "node",
  "ray-exited": "node",
  "environment-failed": "node",
  "ports-taken": "node",
  "disk-full": "node",
  "supplier-withdrew": "node",
  "address-shared": "node",
};

/**
 * How much of its time a lease that has ended owed, and delivered. A lease that ended through its node owed all it was
 * hired for; one that the engineer or another node ended, the time until then, less what lies between two statements;
 * where nobody can tell, what it delivered. Null when it owed nothing.
 */
export function deliveryOf(
  lease: Pick<
    LeaseRecord,
    "reason" | "stopReason" | "joinedAtMs" | "stopAskedAtMs" | "endedAtMs" | "maxSeconds" | "deliveredSeconds"
  >,
): Delivery | null {
  const { deliveredSeconds, joinedAtMs } = lease;
  const promisedSeconds = Math.max(promised(), 0);
  if (promisedSeconds === 0) return null;
  return { promisedSeconds, deliveredSeconds: Math.min(deliveredSeconds, promisedSeconds) };

  function promised(): number {
    // A node that was too late kept the whole cluster from forming.
    const late = lease.reason === "forming-timed-out" && joinedAtMs === null;
    // It was stopped for what another node of its cluster did; where two claim an address, nobody can tell which one lied.
    const anothers = lease.reason !== null && lease.stopReason === lease.reason;
    const said = lease.reason === null ? "node" : causeOf[lease.reason];
    const cause = late ? "node" : said === "node" && anothers ? "other" : said;
    if (cause === "node") return Math.min(lease.maxSeconds, deliveredSeconds + FAILURE_SECONDS);
    if (cause === "unknown") return deliveredSeconds;
    if (joinedAtMs === null) return 0;
    const endMs = Math.min(
      lease.stopAskedAtMs ?? Number.POSITIVE_INFINITY,
      lease.endedAtMs ?? Number.POSITIVE_INFINITY,
    );
    const elapsed = Math.floor((endMs - joinedAtMs) / 1000);
    return Math.min(lease.maxSeconds, elapsed) - STATEMENT_GAP_LIMIT_SECONDS;
  }
}
