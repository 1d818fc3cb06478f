import { type EscrowLease, type EscrowState, readEscrows } from "@ionet/chain";
import { address } from "@solana/kit";
import type { ChainContext } from "../../platform/context.ts";
import { stopCluster } from "../clusters/stop-cluster.ts";
import type { EscrowRecord } from "../escrows/model.ts";

/**
 * An engineer may stop, or end a lease, on the chain itself: nothing is paid after that, so nobody works on, whichever of
 * the cluster's escrows it was. Stops such clusters and returns the others, given as their escrows.
 */
export async function endStopped(
  ctx: ChainContext,
  clusters: readonly EscrowRecord[][],
): Promise<EscrowRecord[][]> {
  const all = clusters.flat();
  if (all.length === 0) return [];
  const notBefore = all.reduce((newest, { openedSlot }) => (openedSlot > newest ? openedSlot : newest), 0n);
  const places = all.map((escrow) => address(escrow.address));
  const states = await readEscrows(ctx.chain, places, "confirmed", notBefore).catch((error: unknown) => {
    // Not to be seen just now: the next round looks again.
    ctx.log.warn({ err: error }, "running escrows can't be read");
    return null;
  });
  if (states === null) return [...clusters];
  const paying: EscrowRecord[][] = [];
  for (const escrows of clusters) {
    const stopped = escrows.find((escrow) => !isPaying(escrow, states.get(address(escrow.address))));
    if (stopped === undefined) paying.push(escrows);
    else await stop(ctx, stopped);
  }
  return paying;
}

type Ending = Pick<EscrowLease, "endedAt" | "replaced">;

/** Whether an escrow goes on paying for all its leases, or for those that stand in for them. */
export function isPaying(
  escrow: Pick<EscrowRecord, "openedSlot">,
  state: (Pick<EscrowState, "openedSlot" | "status"> & { leases: readonly Ending[] }) | undefined,
): boolean {
  if (state?.openedSlot !== escrow.openedSlot || state.status !== "open") return false;
  return state.leases.every((lease) => lease.endedAt === null || lease.replaced === true);
}

async function stop(ctx: ChainContext, escrow: EscrowRecord): Promise<void> {
  ctx.log.warn({ cluster: escrow.clusterId, escrow: escrow.address }, "the escrow was stopped on the chain");
  await stopCluster(ctx, { accountId: escrow.accountId }, escrow.clusterId);
}
