import type { Context } from "../../platform/context.ts";
import { currencyOf, type EscrowRecord } from "../escrows/model.ts";
import { clustersToStart, markStarted } from "../escrows/store.ts";
import { recordEvent } from "./change.ts";
import { encodeAgreed, tables } from "./tables.ts";

/** Bytes of the secret by which a cluster's Ray nodes know each other. */
const RAY_TOKEN_BYTES = 32;

/** Makes the cluster and its leases wherever all escrows were found good, and tells their nodes. */
export async function startClusters(ctx: Context): Promise<void> {
  for (const escrows of (await clustersToStart(ctx)).values()) {
    if (await startCluster(ctx, escrows)) {
      for (const lease of escrows.flatMap((escrow) => escrow.leases)) ctx.nodeChanged(lease.nodeId);
    }
  }
}

async function startCluster(ctx: Context, escrows: readonly EscrowRecord[]): Promise<boolean> {
  const nowMs = ctx.clock.now();
  const [first] = escrows;
  if (first === undefined) return false;
  const { clusterId: id, accountId } = first;
  // In the escrows' order, which is that of the quote: the head is the first escrow's first lease.
  const leases = escrows.flatMap((escrow) =>
    escrow.leases.map((lease, escrowIndex) => ({ lease, escrow: escrow.address, escrowIndex })),
  );
  return ctx.db.transaction().execute(async (db) => {
    if (!(await markStarted(db, id, nowMs))) return false;
    await tables(db)
      .insertInto("clusters")
      .values({
        id,
        account_id: accountId,
        state: "forming",
        reason: null,
        currency: currencyOf(first.mint),
        ray_token: Buffer.from(ctx.random.bytes(RAY_TOKEN_BYTES)).toString("hex"),
        created_at_ms: nowMs,
      })
      .execute();
    await tables(db)
      .insertInto("leases")
      .values(
        leases.map(({ lease, escrow, escrowIndex }, index) => ({
          id: lease.leaseId,
          cluster_id: id,
          index,
          escrow,
          escrow_index: escrowIndex,
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
    const detail = `${leases.length} leases${escrows.length === 1 ? "" : ` in ${escrows.length} escrows`}`;
    await recordEvent(db, { id }, nowMs, "forming", detail);
    return true;
  });
}
