import {
  type AccountId,
  type ClusterEvent,
  type ClusterId,
  type ClusterState,
  type Currency,
  type EndReason,
  type LeaseId,
  type LeasePhase,
  type NodeId,
  type QuotedLease,
  quotedLeaseSchema,
} from "@ionet/protocol";
import type { ColumnType, Generated, Selectable } from "kysely";
import { z } from "zod";
import type { Db } from "../../platform/context.ts";
import type { NumberOrNull } from "../../platform/database/columns.ts";
import type { ClusterRecord, LeaseRecord } from "./model.ts";

type ClusterTable = {
  id: string;
  account_id: string;
  state: ClusterState;
  reason: EndReason | null;
  currency: Currency;
  ray_token: string;
  created_at_ms: number;
  ready_at_ms: NumberOrNull;
  closed_at_ms: NumberOrNull;
  warned_minutes: NumberOrNull;
};

type LeaseTable = {
  id: string;
  cluster_id: string;
  index: number;
  escrow: string;
  escrow_index: number;
  node_id: string;
  role: "head" | "worker";
  agreed: ColumnType<unknown, string, never>;
  max_seconds: number;
  phase: LeasePhase;
  reason: EndReason | null;
  delivered_seconds: Generated<number>;
  billed_seconds: Generated<number>;
  assigned_at_ms: number;
  joined_at_ms: NumberOrNull;
  stop_asked_at_ms: NumberOrNull;
  stop_reason: EndReason | null;
  ended_at_ms: NumberOrNull;
  acknowledged: Generated<boolean>;
  in_history: Generated<boolean>;
  reclaim_at_ms: NumberOrNull;
};

type EventTable = {
  id: Generated<number>;
  cluster_id: string;
  at_ms: number;
  event: string;
  detail: string | null;
};

type WatchTable = { one: Generated<boolean>; since_ms: number; last_ms: number };

/** The tables of this step; no other folder reads them. */
export const tables = (db: Db) =>
  db.withTables<{
    clusters: ClusterTable;
    leases: LeaseTable;
    cluster_events: EventTable;
    cluster_watch: WatchTable;
  }>();

export const clusterFromRow = (row: Selectable<ClusterTable>): ClusterRecord => ({
  id: row.id as ClusterId,
  accountId: row.account_id as AccountId,
  state: row.state,
  reason: row.reason,
  currency: row.currency,
  rayToken: row.ray_token,
  createdAtMs: row.created_at_ms,
  readyAtMs: row.ready_at_ms,
  closedAtMs: row.closed_at_ms,
  warnedMinutes: row.warned_minutes,
});

export const leaseFromRow = (row: Selectable<LeaseTable>): LeaseRecord => ({
  id: row.id as LeaseId,
  clusterId: row.cluster_id as ClusterId,
  index: row.index,
  escrow: row.escrow,
  escrowIndex: row.escrow_index,
  nodeId: row.node_id as NodeId,
  role: row.role,
  agreed: z.decode(quotedLeaseSchema, row.agreed as z.input<typeof quotedLeaseSchema>),
  maxSeconds: row.max_seconds,
  phase: row.phase,
  reason: row.reason,
  deliveredSeconds: row.delivered_seconds,
  billedSeconds: row.billed_seconds,
  assignedAtMs: row.assigned_at_ms,
  joinedAtMs: row.joined_at_ms,
  stopAskedAtMs: row.stop_asked_at_ms,
  stopReason: row.stop_reason,
  reclaimAtMs: row.reclaim_at_ms,
  endedAtMs: row.ended_at_ms,
  acknowledged: row.acknowledged,
});

export const eventFromRow = (row: Selectable<EventTable>): ClusterEvent => ({
  at: new Date(row.at_ms).toISOString(),
  event: row.event,
  detail: row.detail,
});

/** A quoted lease as it is written into `agreed`. */
export const encodeAgreed = (lease: QuotedLease): string =>
  JSON.stringify(z.encode(quotedLeaseSchema, lease));
