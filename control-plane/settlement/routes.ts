import type { AccountId, Answer, ClusterId } from "@ionet/protocol";
import { baseUnits } from "@ionet/protocol";
import { clusterNotFound } from "../clusters/stop-cluster.ts";
import type { Context } from "../context.ts";
import { escrowOf } from "../escrows/store.ts";
import type { Handlers } from "../http/handlers.ts";
import { findSettlement } from "./store.ts";

/** Who was paid what. */
export function settlementRoutes(ctx: Pick<Context, "db">): Handlers<"getSettlement"> {
  return {
    getSettlement: ({ params }, caller) => settlementOf(ctx, caller.accountId, params.clusterId),
  };
}

/** The settlement of a cluster of this account; before the first payment it is open and empty. */
export async function settlementOf(
  ctx: Pick<Context, "db">,
  accountId: AccountId,
  clusterId: ClusterId,
): Promise<Answer<"getSettlement">> {
  const escrow = await escrowOf(ctx, clusterId);
  if (escrow === null || escrow.accountId !== accountId) throw clusterNotFound(clusterId);
  const found = await findSettlement(ctx.db, clusterId);
  return {
    clusterId,
    escrow: escrow.address,
    state: found?.settlement.state ?? "open",
    deposited: found?.settlement.deposited ?? escrow.deposited,
    payouts: (found?.payouts ?? []).map(({ leaseId, supplier, seconds, paid, fee, signature }) => ({
      ...{ leaseId, supplier, seconds, paid, fee, signature },
    })),
    fee: found?.settlement.fee ?? baseUnits(0n),
    refunded: found?.settlement.refunded ?? baseUnits(0n),
    refundSignature: found?.settlement.refundSignature ?? null,
  };
}
