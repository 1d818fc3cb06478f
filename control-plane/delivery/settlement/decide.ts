import type { EscrowState } from "@ionet/chain";
import type { ClusterId } from "@ionet/protocol";
import type { Budget } from "../clusters/extend-leases.ts";
import type { ClusterWithLeases } from "../clusters/model.ts";
import type { EscrowRecord } from "../escrows/model.ts";
import type { ChainView, RunningCluster, SettlementRound } from "./load-round.ts";
import { longerBudgets } from "./longer-budgets.ts";
import { LAST_WORDS_LIMIT_MS, PAY_INTERVAL_MS } from "./model.ts";
import { isPaying } from "./stopped-on-chain.ts";
import type { SettlementRecord } from "./store.ts";

/** What the chain has changed about a running cluster. It is taken over in our own rows, and costs no waiting. */
export type TakeOver =
  | { do: "extend"; clusterId: ClusterId; budgets: Budget[]; deposits: Map<string, bigint> }
  | { do: "stop"; escrow: EscrowRecord };

/** Whose escrows are to be carried on, one after the other. */
export type Payment =
  /** By the hour, suppliers get what they have earned while the cluster runs on. */
  | { do: "pay"; escrows: readonly EscrowRecord[] }
  | { do: "end-cluster"; clusterId: ClusterId }
  | { do: "refund"; escrow: EscrowRecord };

/** What one round does. */
export function decideRound(round: SettlementRound): { changes: TakeOver[]; payments: Payment[] } {
  const changes: TakeOver[] = [];
  const payments: Payment[] = [];
  for (const { cluster, leases } of round.ended) {
    if (hasToldAll(leases, round)) payments.push({ do: "end-cluster", clusterId: cluster.id });
  }
  for (const escrow of round.refused) payments.push({ do: "refund", escrow });
  for (const running of round.running) {
    changes.push(...decideExtension(running, round.finalized));
    const stopped = findStopped(running, round.confirmed);
    if (stopped === undefined) payments.push({ do: "pay", escrows: running.escrows });
    else changes.push({ do: "stop", escrow: stopped });
  }
  return { changes, payments };
}

/** What top-ups have brought counts once it is final on the chain, whoever paid them. */
function decideExtension({ cluster, leases }: RunningCluster, finalized: ChainView): TakeOver[] {
  const budgets = longerBudgets(leases, finalized ?? new Map());
  if (budgets.length === 0) return [];
  const deposits = budgets.map(({ escrow }): [string, bigint] => [
    escrow,
    finalized?.get(escrow)?.deposited ?? 0n,
  ]);
  return [{ do: "extend", clusterId: cluster.id, budgets, deposits: new Map(deposits) }];
}

/** One of the cluster's escrows that the engineer has stopped on the chain: nothing is paid after that. */
const findStopped = ({ escrows }: RunningCluster, confirmed: ChainView): EscrowRecord | undefined =>
  confirmed === null ? undefined : escrows.find((escrow) => !isPaying(escrow, confirmed.get(escrow.address)));

/** Whether every agent has handed in its last statements, or has had its time to. */
const hasToldAll = (
  leases: ClusterWithLeases["leases"],
  { sealed, nowMs }: Pick<SettlementRound, "sealed" | "nowMs">,
): boolean =>
  leases.every(
    (lease) =>
      !lease.acknowledged || sealed.has(lease.id) || nowMs - (lease.endedAtMs ?? 0) >= LAST_WORDS_LIMIT_MS,
  );

/** What an escrow is carried on for: its cluster runs, or it is to be emptied and closed. */
export type Purpose = "pay" | "end";

/** Whether it is an escrow's turn: after a failure it waits, and it is paid by the hour. */
export const isDue = (
  settlement: Pick<SettlementRecord, "retryAtMs" | "lastPaidAtMs">,
  purpose: Purpose,
  nowMs: number,
): boolean =>
  settlement.retryAtMs <= nowMs && (purpose === "end" || nowMs - settlement.lastPaidAtMs >= PAY_INTERVAL_MS);

/** One escrow on the chain. ClosedEscrow and not yet final, it may still come back. */
export type EscrowOnChain = { is: "open"; current: EscrowState } | { is: "closing" } | { is: "closed" };

export type EscrowStep =
  | { do: "pay"; current: EscrowState }
  | { do: "end"; current: EscrowState }
  | { do: "conclude" }
  | { do: "wait" }
  | { do: "fail"; because: string };

/** One step nearer to the end of an escrow; it is at its end when the chain has finally closed it. */
export function decideEscrow(seen: EscrowOnChain, purpose: Purpose): EscrowStep {
  if (seen.is === "open") return { do: purpose, current: seen.current };
  if (purpose === "pay") return { do: "fail", because: "gone while its cluster runs" };
  return seen.is === "closed" ? { do: "conclude" } : { do: "wait" };
}
