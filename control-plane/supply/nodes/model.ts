import type { AccountId, Hardware, NodeId, NodeState, Readiness, SupplierKind, Terms } from "@ionet/protocol";

/** A machine that runs an agent. */
export type NodeRecord = {
  id: NodeId;
  accountId: AccountId;
  /** The supplier's wallet, which is paid. */
  wallet: string;
  supplierKind: SupplierKind;
  /** The node's Ed25519 public key, 32 bytes. */
  publicKey: Uint8Array;
  state: NodeState;
  hardware: Hardware | null;
  terms: Terms | null;
  readiness: Readiness | null;
  lastSeenAtMs: number | null;
  /** Its agent said last that it holds leases which have not ended. */
  holdsLeases: boolean;
};

/** A node that was silent for longer than this is not reachable. */
export const REACHABLE_MS = 30_000;

/** Changes of a node's state that are allowed. */
export const nodeChanges: Readonly<Record<NodeState, readonly NodeState[]>> = {
  enrolled: ["verifying", "retired"],
  verifying: ["available", "unreachable", "draining", "retired"],
  available: ["hired", "verifying", "unreachable", "draining", "retired"],
  hired: ["available", "verifying", "unreachable", "draining"],
  unreachable: ["verifying", "available", "hired", "retired"],
  draining: ["available", "unreachable", "retired"],
  retired: [],
};

/** Whether a node was heard of lately. */
export const isReachable = (node: Pick<NodeRecord, "lastSeenAtMs">, nowMs: number): boolean =>
  node.lastSeenAtMs !== null && nowMs - node.lastSeenAtMs <= REACHABLE_MS;

/**
 * Whether a node has all that hiring it needs: a GPU that could be read, a prepared environment, terms, an agent that stays. Its hardware
 * lists only GPUs that could be read, so a problem with another GPU beside them keeps nothing off the market.
 */
export const isOfferable = (node: Pick<NodeRecord, "hardware" | "terms" | "readiness">): boolean =>
  (node.hardware?.gpus.length ?? 0) > 0 &&
  node.readiness?.environment === "ready" &&
  node.readiness.leaving !== true &&
  node.terms !== null;

/**
 * The state a node is to be in, from what is known of it. A running lease keeps it hired; hardware challenges, which
 * will stand between verifying and available, are a later step's.
 */
export function nextNodeState(
  node: Pick<NodeRecord, "state" | "hardware" | "terms" | "readiness" | "lastSeenAtMs" | "holdsLeases">,
  nowMs: number,
): NodeState {
  if (node.state === "retired" || node.state === "draining" || node.lastSeenAtMs === null) return node.state;
  const wanted = !isReachable(node, nowMs)
    ? "unreachable"
    : node.holdsLeases
      ? "hired"
      : isOfferable(node)
        ? "available"
        : "verifying";
  if (wanted === node.state) return node.state;
  // What the table does not allow in one step goes by way of verifying: enrolled → verifying → available.
  return nodeChanges[node.state].includes(wanted) ? wanted : "verifying";
}
