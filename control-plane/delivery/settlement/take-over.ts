import type { ChainContext } from "../../platform/context.ts";
import { extendLeases } from "../clusters/extend-leases.ts";
import { stopCluster } from "../clusters/stop-cluster.ts";
import { raiseDeposit } from "../escrows/store.ts";
import type { TakeOver } from "./decide.ts";

/** Takes over what was done to a running cluster on the chain itself, whether or not anybody was here to see it. */
export async function takeOver(ctx: ChainContext, change: TakeOver): Promise<void> {
  if (change.do === "stop") return stop(ctx, change);
  // All settlement comes after it: a cluster that can't be extended now is extended by the next round.
  await extend(ctx, change).catch((error: unknown) => {
    ctx.log.error({ cluster: change.clusterId, err: error }, "a top-up can't be taken over");
  });
}

async function extend(
  ctx: ChainContext,
  { clusterId, budgets, deposits }: Extract<TakeOver, { do: "extend" }>,
): Promise<void> {
  // Deposits first: when this is cut short, the leases are still to be extended, and the next round does both.
  for (const [escrow, deposited] of deposits) await raiseDeposit(ctx.db, escrow, deposited);
  const { extended, beyond } = await extendLeases(ctx, clusterId, budgets);
  if (beyond !== null) {
    ctx.log.warn({ cluster: clusterId, beyond }, "a top-up goes beyond its suppliers' terms");
  }
  if (extended === 0) return;
  ctx.log.info({ cluster: clusterId, leases: extended }, "the cluster was topped up on the chain");
  ctx.wake("clusters");
}

async function stop(ctx: ChainContext, { escrow }: Extract<TakeOver, { do: "stop" }>): Promise<void> {
  ctx.log.warn({ cluster: escrow.clusterId, escrow: escrow.address }, "the escrow was stopped on the chain");
  await stopCluster(ctx, { accountId: escrow.accountId }, escrow.clusterId);
}
