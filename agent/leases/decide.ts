import type { DesiredLease, EndReason, LeaseId } from "@ionet/protocol";

/** A lease on this machine as the decision sees it. `toldEnded`: the control plane has answered a sync that said so. */
export type LeaseNow = { leaseId: LeaseId; hasEnded: boolean; toldEnded: boolean };

export type LeaseStep =
  | { do: "begin"; lease: DesiredLease }
  | { do: "follow"; lease: DesiredLease }
  | { do: "end"; leaseId: LeaseId; reason: EndReason; detail: string | null }
  | { do: "forget"; leaseId: LeaseId };

/**
 * What brings the leases of this machine to what is desired. A lease that is wanted stopped and not here needs nothing
 * but to be told as ended: it is begun and ended. `isClosing`: the agent takes no new leases.
 */
export function decide(
  desired: readonly DesiredLease[],
  held: readonly LeaseNow[],
  isClosing: boolean,
): LeaseStep[] {
  const steps: LeaseStep[] = [];
  const here = new Map(held.map((lease) => [lease.leaseId, lease]));
  const wanted = new Set(desired.map((lease) => lease.leaseId));
  for (const lease of desired) {
    const { leaseId } = lease;
    const now = here.get(leaseId);
    if (now === undefined) steps.push({ do: "begin", lease });
    else steps.push({ do: "follow", lease });
    if (now?.hasEnded) continue;
    if (lease.wanted === "stop") {
      steps.push({ do: "end", leaseId, reason: lease.stopReason ?? "stopped-by-engineer", detail: null });
    } else if (now === undefined && isClosing) {
      steps.push({ do: "end", leaseId, reason: "supplier-withdrew", detail: null });
    }
  }
  for (const { leaseId, hasEnded, toldEnded } of held) {
    if (wanted.has(leaseId)) continue;
    if (!hasEnded) {
      const detail = "The network does not list this lease any more.";
      steps.push({ do: "end", leaseId, reason: "agent-lost", detail });
    } else if (toldEnded) steps.push({ do: "forget", leaseId });
  }
  return steps;
}
