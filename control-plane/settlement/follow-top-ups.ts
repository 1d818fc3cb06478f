import { type EscrowLease, readEscrows } from "@ionet/chain";
import { address } from "@solana/kit";
import { type Budget, extendLeases } from "../clusters/extend-leases.ts";
import { runningClusters } from "../clusters/hand-over.ts";
import type { LeaseRecord } from "../clusters/model.ts";
import type { ChainContext } from "../context.ts";
import { raiseDeposit } from "../escrows/store.ts";

/**
 * Takes over what top-ups have brought to running clusters, once they are final on the chain, whoever paid them and
 * whether or not anybody was here to see it. Returns without a word when the chain can't be read: the next round looks
 * again.
 */
export async function followTopUps(ctx: ChainContext): Promise<void> {
  const running = await runningClusters(ctx);
  const places = new Set(running.flatMap(({ leases }) => leases.map(({ escrow }) => escrow)));
  if (places.size === 0) return;
  const addresses = [...places].map((place) => address(place));
  const current = await readEscrows(ctx.chain, addresses, "finalized").catch(() => undefined);
  if (current === undefined) return;
  for (const { cluster, leases } of running) {
    const longer = longerBudgets(leases, current);
    if (longer.length === 0) continue;
    // Deposits first: when this is cut short, the leases are still to be extended, and the next round does both.
    for (const escrow of new Set(longer.map((budget) => address(budget.escrow)))) {
      await raiseDeposit(ctx.db, escrow, current.get(escrow)?.deposited ?? 0n);
    }
    if (await extendLeases(ctx, cluster.id, longer)) {
      ctx.log.info({ cluster: cluster.id, leases: longer.length }, "the cluster was topped up on the chain");
      ctx.wake("clusters");
    }
  }
}

/** Which leases may run for longer than we know, by escrows as the chain has them. */
export function longerBudgets(
  leases: readonly Pick<LeaseRecord, "escrow" | "escrowIndex" | "maxSeconds">[],
  escrows: ReadonlyMap<string, { leases: readonly Pick<EscrowLease, "maxSeconds">[] }>,
): Budget[] {
  return leases.flatMap(({ escrow, escrowIndex, maxSeconds }) => {
    const onChain = escrows.get(escrow)?.leases[escrowIndex]?.maxSeconds ?? 0;
    return onChain > maxSeconds ? [{ escrow, escrowIndex, maxSeconds: onChain }] : [];
  });
}
