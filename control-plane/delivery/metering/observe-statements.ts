import type { KeyObject } from "node:crypto";
import type { LeaseId, NodeId, ObservedLease, Statement } from "@ionet/protocol";
import { hashStatement } from "@ionet/protocol/node";
import type { Context, Db } from "../../platform/context.ts";
import { anyOf } from "../../platform/database/any-of.ts";
import { nodesByIds } from "../../supply/nodes/store.ts";
import type { LeaseRecord } from "../clusters/model.ts";
import { leasesByIds } from "../clusters/store.ts";
import { tables } from "./tables.ts";
import { type ChainEnd, nodeKeyFrom, verifyStatement } from "./verify-statement.ts";

/**
 * Takes a node's statements about its own leases, in their order. One that is known already is passed over; one that
 * does not follow, or is not signed by the node, is refused with all that come after it: the node is told which sequence
 * is waited for. When the agent says that the lease has ended, its meter is sealed: there is nothing more to come.
 */
export async function observeStatements(
  ctx: Context,
  nodeId: NodeId,
  observed: readonly ObservedLease[],
): Promise<void> {
  const words = observed.filter((word) => word.statements.length > 0 || word.phase === "ended");
  if (words.length === 0) return;
  const [node] = await nodesByIds(ctx, [nodeId]);
  if (node === undefined) return;
  const nodeKey = nodeKeyFrom(node.publicKey);
  const leases = await leasesByIds(
    ctx,
    words.map((word) => word.leaseId),
  );
  for (const word of words) {
    const lease = leases.find((candidate) => candidate.id === word.leaseId && candidate.nodeId === nodeId);
    if (lease) await ctx.db.transaction().execute((db) => take(ctx, db, lease, nodeKey, word));
  }
  ctx.wake("metering");
  ctx.wake("settlement");
}

async function take(
  ctx: Context,
  db: Db,
  lease: LeaseRecord,
  nodeKey: KeyObject,
  word: ObservedLease,
): Promise<void> {
  if (await isFinal(db, lease)) return;
  const nowMs = ctx.clock.now();
  const start = await lockMeter(db, lease);
  const accepted: Statement[] = [];
  let end: ChainEnd = start;
  let refused: string | null = null;
  for (const statement of word.statements) {
    const verdict =
      statement.leaseId === lease.id
        ? verifyStatement(statement, end, {
            nodeKey,
            assignedAtMs: lease.assignedAtMs,
            endedAtMs: lease.endedAtMs,
            nowMs,
          })
        : { accepted: false as const, reason: "another-lease" };
    if (verdict.accepted) {
      accepted.push(statement);
      end = verdict.end;
    } else if (verdict.reason !== "known") {
      refused = verdict.reason;
      break;
    }
  }
  if (refused !== null) {
    ctx.log.warn({ leaseId: lease.id, nodeId: lease.nodeId, reason: refused }, "statement refused");
  }
  await insert(db, accepted, nowMs);
  // After the first word from after the lease's end there can be none from before it.
  const isAllSaid = refused === null || refused === "after-lease";
  const sealed = start.sealed || (word.phase === "ended" && isAllSaid);
  await tables(db)
    .updateTable("lease_meters")
    .set({ next_sequence: end.nextSequence, last_hash: end.lastHash, last_at_ms: end.lastAtMs, sealed })
    .where("lease_id", "=", lease.id)
    .execute();
}

/** After the final reading nothing changes what is paid. */
async function isFinal(db: Db, lease: LeaseRecord): Promise<boolean> {
  const reading = await tables(db)
    .selectFrom("readings")
    .select("final")
    .where("escrow", "=", lease.escrow)
    .executeTakeFirst();
  return reading?.final ?? false;
}

async function lockMeter(db: Db, lease: LeaseRecord): Promise<ChainEnd & { sealed: boolean }> {
  await tables(db)
    .insertInto("lease_meters")
    .values({ lease_id: lease.id, cluster_id: lease.clusterId })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const row = await tables(db)
    .selectFrom("lease_meters")
    .selectAll()
    .where("lease_id", "=", lease.id)
    .forUpdate()
    .executeTakeFirstOrThrow();
  return {
    nextSequence: row.next_sequence,
    lastHash: row.last_hash,
    lastAtMs: row.last_at_ms,
    sealed: row.sealed,
  };
}

async function insert(db: Db, statements: readonly Statement[], nowMs: number): Promise<void> {
  if (statements.length === 0) return;
  await tables(db)
    .insertInto("statements")
    .values(
      statements.map((statement) => ({
        lease_id: statement.leaseId,
        sequence: statement.sequence,
        at_ms: statement.atMs,
        gpus: JSON.stringify(statement.gpus),
        peers_alive: statement.peersAlive === null ? null : JSON.stringify(statement.peersAlive),
        previous: statement.previous,
        hash: hashStatement(statement),
        signature: statement.signature,
        received_at_ms: nowMs,
      })),
    )
    .execute();
}

/** The sequence of the statement that is waited for next, lease by lease; 0 for a lease that has sent none. */
export async function nextSequence(
  ctx: Pick<Context, "db">,
  leaseIds: readonly LeaseId[],
): Promise<Map<LeaseId, number>> {
  const next = new Map<LeaseId, number>(leaseIds.map((id) => [id, 0]));
  if (leaseIds.length === 0) return next;
  const rows = await tables(ctx.db)
    .selectFrom("lease_meters")
    .select(["lease_id", "next_sequence"])
    .where(anyOf("lease_id", leaseIds))
    .execute();
  for (const row of rows) next.set(row.lease_id as LeaseId, row.next_sequence);
  return next;
}
