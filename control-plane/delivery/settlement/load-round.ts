import { type EscrowState, readEscrows } from "@ionet/chain";
import type { LeaseId } from "@ionet/protocol";
import { address, type Commitment } from "@solana/kit";
import type { ChainContext } from "../../platform/context.ts";
import { allEnded } from "../clusters/hand-over.ts";
import { type ClusterWithLeases, isRunning } from "../clusters/model.ts";
import { aliveClusters } from "../clusters/store.ts";
import type { EscrowRecord } from "../escrows/model.ts";
import { escrowsOf, escrowsToRefund } from "../escrows/store.ts";
import { sealedLeases } from "../metering/count-cluster.ts";

/** A running cluster with all its escrows. */
export type RunningCluster = ClusterWithLeases & { escrows: EscrowRecord[] };

/** Escrows as the chain has them, by their addresses; null where it can't be read just now. */
export type ChainView = ReadonlyMap<string, EscrowState> | null;

/** What one round decides on. */
export type SettlementRound = {
  nowMs: number;
  running: RunningCluster[];
  /** The running clusters' escrows: what is final, and what may still be undone. */
  finalized: ChainView;
  confirmed: ChainView;
  /** Clusters at their end, with every lease ended. */
  ended: ClusterWithLeases[];
  /** Those of their leases whose agents have said all they had to say. */
  sealed: ReadonlySet<LeaseId>;
  /** Refused escrows that still hold the engineer's money. */
  refused: EscrowRecord[];
};

/** Loads the clusters and escrows that have something to settle, once, and looks at the running ones on the chain. */
export async function loadRound(ctx: ChainContext): Promise<SettlementRound> {
  const alive = await aliveClusters(ctx);
  const running: RunningCluster[] = [];
  for (const found of alive.filter(({ cluster }) => isRunning(cluster.state))) {
    running.push({ ...found, escrows: await escrowsOf(ctx, found.cluster.id) });
  }
  const ended = alive.filter(allEnded);
  const escrows = running.flatMap((found) => found.escrows);
  return {
    nowMs: ctx.clock.now(),
    running,
    finalized: await look(ctx, escrows, "finalized"),
    confirmed: await look(ctx, escrows, "confirmed"),
    ended,
    sealed: await sealedLeases(
      ctx.db,
      ended.flatMap(({ leases }) => leases.map((lease) => lease.id)),
    ),
    refused: await escrowsToRefund(ctx),
  };
}

/** Never throws: what can't be read now, the next round reads, and those that have ended are settled meanwhile. */
async function look(
  ctx: ChainContext,
  escrows: readonly EscrowRecord[],
  commitment: Commitment,
): Promise<ChainView> {
  if (escrows.length === 0) return new Map();
  // An endpoint that is behind their openings is not believed.
  const notBefore = escrows.reduce(
    (newest, { openedSlot }) => (openedSlot > newest ? openedSlot : newest),
    0n,
  );
  const places = escrows.map((escrow) => address(escrow.address));
  return readEscrows(ctx.chain, places, commitment, notBefore).catch((error: unknown) => {
    ctx.log.warn({ commitment, err: error }, "running escrows can't be read");
    return null;
  });
}
