import type {
  AccountId,
  ClusterId,
  ClusterState,
  Currency,
  EndReason,
  LeaseId,
  LeasePhase,
  NodeId,
  QuotedLease,
} from "@ionet/protocol";

/** A cluster that is not all joined after this long has failed. */
export const FORMING_LIMIT_MS = 90_000;
/** A node that has not been heard of for this long while hired has lost its leases. */
export const UNSEEN_LIMIT_MS = 15_000;
/** Nobody is taken for lost this soon after a break of the control plane itself: agents come back with some delay. */
export const RETURN_LIMIT_MS = 30_000;
/** A longer pause than this between two rounds of our own is such a break. */
export const BREAK_MS = 10_000;
/** An agent that has not ended a lease this long after it was asked is taken for lost: settlement does not wait longer. */
export const STOP_LIMIT_MS = 20_000;

/** With how many minutes left an engineer is warned, the first warning first. */
export const WARNINGS_MINUTES = [15, 5] as const;

/** So long before it ends an interruptible lease is its end announced, when its supplier takes the node back. */
export const RECLAIM_NOTICE_MS = 120_000;

/** What a cluster may become. Settling a failed cluster leaves it failed. */
export const clusterTransitions: Readonly<Record<ClusterState, readonly ClusterState[]>> = {
  forming: ["ready", "stopping", "failed"],
  ready: ["degraded", "stopping", "failed"],
  degraded: ["ready", "stopping", "failed"],
  stopping: ["closed"],
  closed: [],
  failed: [],
};

/** What a lease may become; an agent that is heard of seldom may skip `preparing`. */
export const leaseTransitions: Readonly<Record<LeasePhase, readonly LeasePhase[]>> = {
  assigned: ["preparing", "joined", "ended"],
  preparing: ["joined", "ended"],
  joined: ["ended"],
  ended: [],
};

export type ClusterRecord = {
  id: ClusterId;
  accountId: AccountId;
  state: ClusterState;
  reason: EndReason | null;
  currency: Currency;
  rayToken: string;
  createdAtMs: number;
  readyAtMs: number | null;
  closedAtMs: number | null;
  /** The last warning about the time that is left, in minutes; null: none since the last top-up. */
  warnedMinutes: number | null;
};

export type LeaseRecord = {
  id: LeaseId;
  clusterId: ClusterId;
  /** Its place in the cluster; the head's is 0. */
  index: number;
  /** The address of the escrow that pays it, and its place in that escrow's table. */
  escrow: string;
  escrowIndex: number;
  nodeId: NodeId;
  role: "head" | "worker";
  agreed: QuotedLease;
  maxSeconds: number;
  phase: LeasePhase;
  reason: EndReason | null;
  deliveredSeconds: number;
  /** What readings say: what was delivered, at least the minimum when it served. */
  billedSeconds: number;
  assignedAtMs: number;
  joinedAtMs: number | null;
  /** Nothing is billed after this. */
  stopAskedAtMs: number | null;
  stopReason: EndReason | null;
  /** Its supplier has given notice: it ends then. */
  reclaimAtMs: number | null;
  endedAtMs: number | null;
  /** The agent itself has said that it ended. */
  acknowledged: boolean;
};

export type ClusterWithLeases = { cluster: ClusterRecord; leases: LeaseRecord[] };

/** States in which a cluster serves, and bills, its engineer. */
export const isRunning = (state: ClusterState): boolean => state === "ready" || state === "degraded";
/** States that only wait for the leases' end and for the settlement. */
export const isEnding = (state: ClusterState): boolean => state === "stopping" || state === "failed";
