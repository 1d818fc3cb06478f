import type { Context } from "../context.ts";
import type { EscrowRecord } from "../escrows/model.ts";
import { escrowsToStart, markStarted } from "../escrows/store.ts";
import { recordEvent } from "./change.ts";
import { encodeAgreed, tables } from "./tables.ts";

/** Bytes of the secret by which a cluster's Ray nodes know each other. */
const RAY_TOKEN_BYTES = 32;

/** Makes the cluster and its leases of every escrow that was found good, and tells their nodes. */
export async function startClusters(ctx: Context): Promise<void> {
  for (const escrow of await escrowsToStart(ctx)) {
    if (await startCluster(ctx, escrow)) {
      for (const lease of escrow.leases) ctx.nodeChanged(lease.nodeId);
    }
  }
}

function startCluster(ctx: Context, escrow: EscrowRecord): Promise<boolean> {
  const nowMs = ctx.clock.now();
  return ctx.db.transaction().execute(async (db) => {
    if (!(await markStarted(db, escrow.address, nowMs))) return false;
    await tables(db)
      .insertInto("clusters")
      .values({
        id: escrow.clusterId,
        account_id: escrow.accountId,
        escrow: escrow.address,
        state: "forming",
        reason: null,
        ray_token: Buffer.from(ctx.random.bytes(RAY_TOKEN_BYTES)).toString("hex"),
        created_at_ms: nowMs,
      })
      .execute();
    await tables(db)
      .insertInto("leases")
      .values(
        escrow.leases.map((lease, index) => ({
          id: lease.leaseId,
          cluster_id: escrow.clusterId,
          index,
          node_id: lease.nodeId,
          role: index === 0 ? ("head" as const) : ("worker" as const),
          agreed: encodeAgreed(lease),
          max_seconds: lease.maxSeconds,
          phase: "assigned" as const,
          reason: null,
          assigned_at_ms: nowMs,
          stop_reason: null,
        })),
      )
      .execute();
    await recordEvent(db, { id: escrow.clusterId }, nowMs, "forming", `${escrow.leases.length} leases`);
    return true;
  });
}
