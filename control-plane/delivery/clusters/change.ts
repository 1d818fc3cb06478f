import type { ClusterState, EndReason } from "@ionet/protocol";
import { releaseLeaseGpus } from "../../market/reservations/store.ts";
import type { Db } from "../../platform/context.ts";
import { type ClusterRecord, clusterTransitions, type LeaseRecord, leaseTransitions } from "./model.ts";
import { tables } from "./tables.ts";

/*
 * The only writers of states and phases. Each writes its event beside it, and each is conditional on what it was
 * decided on: a late writer changes nothing.
 */

/** A moment in a cluster's life. */
export async function recordEvent(
  db: Db,
  cluster: Pick<ClusterRecord, "id">,
  atMs: number,
  event: string,
  detail: string | null,
): Promise<void> {
  await tables(db)
    .insertInto("cluster_events")
    .values({ cluster_id: cluster.id, at_ms: atMs, event, detail })
    .execute();
}

/** Moves a cluster to another state; false when it is not in the state any more that this was decided on. */
export async function moveCluster(
  db: Db,
  cluster: Pick<ClusterRecord, "id" | "state">,
  to: ClusterState,
  reason: EndReason | null,
  nowMs: number,
): Promise<boolean> {
  if (!clusterTransitions[cluster.state].includes(to)) {
    throw new Error(`a cluster does not go from ${cluster.state} to ${to}`);
  }
  const changed = await tables(db)
    .updateTable("clusters")
    .set({ state: to, reason, ...(to === "ready" ? { ready_at_ms: nowMs } : {}) })
    .where("id", "=", cluster.id)
    .where("state", "=", cluster.state)
    .executeTakeFirst();
  if (changed.numUpdatedRows === 0n) return false;
  await recordEvent(db, cluster, nowMs, to, reason);
  return true;
}

/** Warns the engineer, once, that the time runs out. */
export async function warn(
  db: Db,
  cluster: Pick<ClusterRecord, "id">,
  { minutes, leftMs }: { minutes: number; leftMs: number },
  nowMs: number,
): Promise<void> {
  const left = Math.ceil(leftMs / 60_000);
  await tables(db)
    .updateTable("clusters")
    .set({ warned_minutes: minutes })
    .where("id", "=", cluster.id)
    .execute();
  const detail = `${left} min until the first lease ends: ionet topup ${cluster.id} --hours 1`;
  await recordEvent(db, cluster, nowMs, "time-short", detail);
}

/** Asks a lease's agent to stop: nothing that the lease delivers after this moment is billed. */
export async function askStop(db: Db, lease: LeaseRecord, reason: EndReason, nowMs: number): Promise<void> {
  await tables(db)
    .updateTable("leases")
    .set({ stop_asked_at_ms: nowMs, stop_reason: reason })
    .where("id", "=", lease.id)
    .where("phase", "<>", "ended")
    .where("stop_asked_at_ms", "is", null)
    .execute();
}

/** What an agent has reached with a lease: `preparing` or `joined`. */
export async function advanceLease(
  db: Db,
  lease: LeaseRecord,
  phase: "preparing" | "joined",
  detail: string | null,
  nowMs: number,
): Promise<boolean> {
  if (!leaseTransitions[lease.phase].includes(phase)) return false;
  const changed = await tables(db)
    .updateTable("leases")
    .set({ phase, ...(phase === "joined" ? { joined_at_ms: nowMs } : {}) })
    .where("id", "=", lease.id)
    .where("phase", "=", lease.phase)
    .executeTakeFirst();
  if (changed.numUpdatedRows === 0n) return false;
  await recordEvent(db, { id: lease.clusterId }, nowMs, `lease-${phase}`, said(lease, detail));
  return true;
}

/** Ends a lease and frees its GPUs in the same transaction; false when it had ended before. */
export async function endLease(
  db: Db,
  lease: LeaseRecord,
  end: { reason: EndReason; detail: string | null; acknowledged: boolean },
  nowMs: number,
): Promise<boolean> {
  const changed = await tables(db)
    .updateTable("leases")
    .set({ phase: "ended", reason: end.reason, ended_at_ms: nowMs, acknowledged: end.acknowledged })
    .where("id", "=", lease.id)
    .where("phase", "<>", "ended")
    .executeTakeFirst();
  if (changed.numUpdatedRows === 0n) return false;
  await releaseLeaseGpus(db, lease.id);
  const detail = end.detail === null ? end.reason : `${end.reason}: ${end.detail}`;
  await recordEvent(db, { id: lease.clusterId }, nowMs, "lease-ended", said(lease, detail));
  return true;
}

/** The agent of a lease that was ended without it has ended it too. */
export async function acknowledgeEnd(db: Db, lease: LeaseRecord): Promise<void> {
  await tables(db).updateTable("leases").set({ acknowledged: true }).where("id", "=", lease.id).execute();
}

const said = (lease: LeaseRecord, detail: string | null) =>
  `${lease.role} ${lease.nodeId}${detail === null ? "" : `: ${detail}`}`;

/** A settled cluster is done: `stopping` becomes `closed`, `failed` stays what it was. False when that was said before. */
export async function markClosed(db: Db, id: ClusterRecord["id"], nowMs: number): Promise<boolean> {
  const row = await tables(db)
    .updateTable("clusters")
    .set({ closed_at_ms: nowMs })
    .where("id", "=", id)
    .where("state", "in", ["stopping", "failed"])
    .where("closed_at_ms", "is", null)
    .returning(["state", "reason"])
    .executeTakeFirst();
  if (!row) return false;
  if (row.state === "stopping")
    return moveCluster(db, { id, state: "stopping" }, "closed", row.reason, nowMs);
  await recordEvent(db, { id }, nowMs, "settled", null);
  return true;
}
