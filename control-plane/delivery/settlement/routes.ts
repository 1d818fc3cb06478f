import type { AccountId, Answer, ClusterId } from "@ionet/protocol";
import { baseUnits, sum } from "@ionet/protocol";
import type { Context } from "../../platform/context.ts";
import type { Handlers } from "../../platform/http/handlers.ts";
import { clusterNotFound } from "../clusters/stop-cluster.ts";
import { currencyOf } from "../escrows/model.ts";
import { escrowsOf } from "../escrows/store.ts";
import { settlementsOf } from "./store.ts";

/** Who was paid what. */
export function settlementRoutes(ctx: Pick<Context, "db">): Handlers<"getSettlement"> {
  return {
    getSettlement: ({ params }, caller) => settlementOf(ctx, caller.accountId, params.clusterId),
  };
}

/** The settlement of a cluster of this account, of all its escrows; before the first payment it is open and empty. */
export async function settlementOf(
  ctx: Pick<Context, "db">,
  accountId: AccountId,
  clusterId: ClusterId,
): Promise<Answer<"getSettlement">> {
  const escrows = await escrowsOf(ctx, clusterId);
  const [first] = escrows;
  if (first?.accountId !== accountId) throw clusterNotFound(clusterId);
  const kept = await settlementsOf(ctx.db, clusterId);
  const each = escrows.map((escrow) => {
    const settlement = kept.get(escrow.address)?.settlement;
    return {
      address: escrow.address,
      state: settlement?.state ?? ("open" as const),
      deposited: settlement?.state === "settled" ? settlement.deposited : escrow.deposited,
      fee: settlement?.fee ?? baseUnits(0n),
      refunded: settlement?.refunded ?? baseUnits(0n),
      refundSignature: settlement?.refundSignature ?? null,
    };
  });
  const all = (state: "open" | "settled") => each.every((escrow) => escrow.state === state);
  return {
    clusterId,
    currency: currencyOf(first.mint),
    state: all("settled") ? "settled" : all("open") ? "open" : "settling",
    deposited: sum(each.map(({ deposited }) => deposited)),
    payouts: escrows.flatMap(({ address }) =>
      (kept.get(address)?.payouts ?? []).map(({ leaseId, supplier, seconds, paid, fee, signature }) => ({
        ...{ leaseId, escrow: address, supplier, seconds, paid, fee, signature },
      })),
    ),
    fee: sum(each.map(({ fee }) => fee)),
    refunded: sum(each.map(({ refunded }) => refunded)),
    escrows: each,
  };
}
