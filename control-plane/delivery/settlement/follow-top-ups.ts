import { type EscrowLease, type EscrowState, readEscrows } from "@ionet/chain";
import { address } from "@solana/kit";
import type { ChainContext } from "../../platform/context.ts";
import { type Budget, extendLeases } from "../clusters/extend-leases.ts";
import { runningClusters } from "../clusters/hand-over.ts";
import type { ClusterWithLeases, LeaseRecord } from "../clusters/model.ts";
import { raiseDeposit } from "../escrows/store.ts";

/** What a lease's row can hold, 68 years: on the chain a top-up may bring twice as much. Seconds. */
const LONGEST_SECONDS = 2 ** 31 - 1;

/**
 * Takes over what top-ups have brought to running clusters, once they are final on the chain, whoever paid them and
 * whether or not anybody was here to see it. Never throws, for all settlement comes after it: where the chain can't be
 * read, or a cluster not be extended, the next round looks again.
 */
export async function followTopUps(ctx: ChainContext): Promise<void> {
  const running = await runningClusters(ctx);
  const places = new Set(running.flatMap(({ leases }) => leases.map(({ escrow }) => escrow)));
  if (places.size === 0) return;
  const addresses = [...places].map((place) => address(place));
  const current = await readEscrows(ctx.chain, addresses, "finalized").catch(() => undefined);
  if (current === undefined) return;
  for (const one of running) {
    await extend(ctx, one, current).catch((error: unknown) => {
      ctx.log.error({ cluster: one.cluster.id, err: error }, "a top-up can't be taken over");
    });
  }
}

async function extend(
  ctx: ChainContext,
  { cluster, leases }: ClusterWithLeases,
  current: ReadonlyMap<string, EscrowState>,
): Promise<void> {
  const longer = longerBudgets(leases, current);
  if (longer.length === 0) return;
  // Deposits first: when this is cut short, the leases are still to be extended, and the next round does both.
  for (const escrow of new Set(longer.map((budget) => budget.escrow))) {
    await raiseDeposit(ctx.db, escrow, current.get(escrow)?.deposited ?? 0n);
  }
  const { extended, beyond } = await extendLeases(ctx, cluster.id, longer);
  if (beyond !== null) {
    ctx.log.warn({ cluster: cluster.id, beyond }, "a top-up goes beyond its suppliers' terms");
  }
  if (extended === 0) return;
  ctx.log.info({ cluster: cluster.id, leases: extended }, "the cluster was topped up on the chain");
  ctx.wake("clusters");
}

type BoundLease = Pick<LeaseRecord, "escrow" | "escrowIndex" | "maxSeconds"> & {
  agreed: Pick<LeaseRecord["agreed"], "latestSeconds">;
};

/**
 * Which leases may run for longer than we know, by escrows as the chain has them: never for longer than their suppliers'
 * terms allowed when they were quoted. What was paid for beyond stays in the escrow and returns when it is closed.
 */
export function longerBudgets(
  leases: readonly BoundLease[],
  escrows: ReadonlyMap<string, { leases: readonly Pick<EscrowLease, "maxSeconds">[] }>,
): Budget[] {
  return leases.flatMap(({ escrow, escrowIndex, maxSeconds: known, agreed }) => {
    const onChain = Math.min(escrows.get(escrow)?.leases[escrowIndex]?.maxSeconds ?? 0, LONGEST_SECONDS);
    if (onChain <= known) return [];
    const maxSeconds = Math.max(known, Math.min(onChain, agreed.latestSeconds ?? LONGEST_SECONDS));
    return [{ escrow, escrowIndex, maxSeconds, beyondSeconds: onChain - maxSeconds }];
  });
}
