import type { EscrowState } from "@ionet/chain";
import { makeId } from "@ionet/protocol";
import { expect, test } from "vitest";
import type { ClusterRecord, ClusterWithLeases, LeaseRecord } from "../clusters/model.ts";
import type { EscrowRecord } from "../escrows/model.ts";
import { decideEscrow, decideRound, type EscrowOnChain, isDue, type Purpose } from "./decide.ts";
import type { SettlementRound } from "./load-round.ts";
import { LAST_WORDS_LIMIT_MS, PAY_INTERVAL_MS } from "./model.ts";

const nowMs = 1_800_000_000_000;
const bytes = (fill: number) => new Uint8Array(20).fill(fill);
const clusterId = makeId("cluster", bytes(1));

const lease = (index: number, change: Partial<LeaseRecord> = {}): LeaseRecord => ({
  id: makeId("lease", bytes(index)),
  clusterId,
  index,
  escrow: `escrow-${index}`,
  escrowIndex: 0,
  nodeId: makeId("node", bytes(index)),
  role: index === 0 ? "head" : "worker",
  agreed: {} as LeaseRecord["agreed"],
  maxSeconds: 600,
  phase: "joined",
  reason: null,
  deliveredSeconds: 0,
  billedSeconds: 0,
  assignedAtMs: nowMs - 60_000,
  joinedAtMs: nowMs - 50_000,
  stopAskedAtMs: null,
  stopReason: null,
  reclaimAtMs: null,
  endedAtMs: null,
  acknowledged: false,
  ...change,
});
const cluster = (state: ClusterRecord["state"], leases: LeaseRecord[]): ClusterWithLeases => ({
  cluster: {
    id: clusterId,
    accountId: makeId("account", bytes(1)),
    state,
    reason: null,
    currency: "USDC",
    rayToken: "secret",
    createdAtMs: nowMs - 60_000,
    readyAtMs: null,
    closedAtMs: null,
    warnedMinutes: null,
  },
  leases,
});
const escrow = (index: number) => ({ address: `escrow-${index}`, clusterId, openedSlot: 7n }) as EscrowRecord;

/** An escrow of one lease on the chain. */
const state = (change: { maxSeconds?: number; endedAt?: number; deposited?: bigint } = {}): EscrowState => {
  const { deposited = 100n, maxSeconds = 600, endedAt = null } = change;
  const only = { maxSeconds, endedAt };
  return { openedSlot: 7n, status: "open", deposited, leases: [only] } as unknown as EscrowState;
};
const onChain = (...states: EscrowState[]) =>
  new Map(states.map((each, index) => [`escrow-${index}`, each] as const));

const quiet: SettlementRound = {
  nowMs,
  running: [],
  finalized: new Map(),
  confirmed: new Map(),
  ended: [],
  sealed: new Set(),
  refused: [],
};

/** A running cluster of two leases, each with an escrow of its own, as the chain has them. */
const running = (finalized: SettlementRound["finalized"], confirmed: SettlementRound["confirmed"]) => {
  const found = cluster("ready", [lease(0), lease(1)]);
  return { ...quiet, finalized, confirmed, running: [{ ...found, escrows: [escrow(0), escrow(1)] }] };
};
const asOpened = onChain(state(), state());
const toppedUp = onChain(state(), state({ maxSeconds: 900, deposited: 150n }));
const leaseEnded = onChain(state(), state({ endedAt: 1000 }));

/** A cluster that has come to its end, with its second lease changed. */
const ended = (change: Partial<LeaseRecord>, sealed: readonly number[] = []) => {
  const gone = { phase: "ended", endedAtMs: nowMs - 1000, acknowledged: true } as const;
  const leases = [lease(0, gone), lease(1, { ...gone, ...change })];
  return {
    ...quiet,
    ended: [cluster("stopping", leases)],
    sealed: new Set(sealed.map((index) => lease(index).id)),
  };
};

/** Decisions as short words: "extend escrow-1 900 with 150", "pay escrow-0 escrow-1". */
function decided(round: SettlementRound): string[] {
  const { changes, payments } = decideRound(round);
  const changed = changes.flatMap((change) =>
    change.do === "stop"
      ? `stop ${change.escrow.address}`
      : change.budgets.map(
          (budget) =>
            `extend ${budget.escrow} ${budget.maxSeconds} with ${change.deposits.get(budget.escrow)}`,
        ),
  );
  const paid = payments.map((payment) => {
    if (payment.do === "pay") return `pay ${payment.escrows.map(({ address }) => address).join(" ")}`;
    return payment.do === "refund" ? `refund ${payment.escrow.address}` : "end-cluster";
  });
  return [...changed, ...paid];
}

test.each<[behaviour: string, round: SettlementRound, decisions: string[]]>([
  ["nothing where there is nothing", quiet, []],
  ["the hour of every escrow of a running cluster", running(asOpened, asOpened), ["pay escrow-0 escrow-1"]],
  [
    "a top-up taken over once it is final",
    running(toppedUp, toppedUp),
    ["extend escrow-1 900 with 150", "pay escrow-0 escrow-1"],
  ],
  ["no top-up that may still be undone", running(asOpened, toppedUp), ["pay escrow-0 escrow-1"]],
  ["a stop before it is final, and no hour of it", running(asOpened, leaseEnded), ["stop escrow-1"]],
  [
    "a top-up and a stop after it both",
    running(toppedUp, leaseEnded),
    ["extend escrow-1 900 with 150", "stop escrow-1"],
  ],
  ["a stop where an escrow is gone", running(asOpened, onChain(state())), ["stop escrow-1"]],
  ["no stop where the chain can't be read", running(null, null), ["pay escrow-0 escrow-1"]],
  ["no top-up where only what is final can't be read", running(null, toppedUp), ["pay escrow-0 escrow-1"]],
  ["an ended cluster when its agents have told all", ended({}, [0, 1]), ["end-cluster"]],
  ["no ended cluster with an agent that may still tell", ended({}, [0]), []],
  [
    "an ended cluster whose agent has had its time to tell",
    ended({ endedAtMs: nowMs - LAST_WORDS_LIMIT_MS }, [0]),
    ["end-cluster"],
  ],
  ["no ended cluster just before that", ended({ endedAtMs: nowMs - LAST_WORDS_LIMIT_MS + 1 }, [0]), []],
  [
    "an ended cluster whose agent never said that it ended",
    ended({ acknowledged: false }, [0]),
    ["end-cluster"],
  ],
  ["a refused escrow", { ...quiet, refused: [escrow(3)] }, ["refund escrow-3"]],
])("a round settles %s", (_behaviour, round, decisions) => {
  expect(decided(round)).toEqual(decisions);
});

test.each<[behaviour: string, seen: EscrowOnChain, purpose: Purpose, step: string]>([
  ["open, of a running cluster, is paid from", { is: "open", current: state() }, "pay", "pay"],
  ["open, of an ended cluster, is emptied and closed", { is: "open", current: state() }, "end", "end"],
  ["closed, and not for good, waits", { is: "closing" }, "end", "wait"],
  ["closed for good is accounted for", { is: "closed" }, "end", "conclude"],
  ["gone while its cluster runs is a failure", { is: "closing" }, "pay", "fail"],
])("an escrow that is %s", (_behaviour, seen, purpose, step) => {
  expect(decideEscrow(seen, purpose).do).toBe(step);
});

const anHourAgoMs = nowMs - PAY_INTERVAL_MS;
test.each<[turn: boolean, what: string, retryAtMs: number, lastPaidAtMs: number, purpose: Purpose]>([
  [true, "an hour after it was paid", 0, anHourAgoMs, "pay"],
  [false, "before the hour is over", 0, anHourAgoMs + 1, "pay"],
  [true, "at once at its end", 0, nowMs, "end"],
  [false, "before its next try", nowMs + 1, anHourAgoMs, "end"],
  [false, "before its next try by the hour", nowMs + 1, anHourAgoMs, "pay"],
  [true, "when its next try is due", nowMs, nowMs, "end"],
])("it is %s that an escrow has its turn %s", (turn, _what, retryAtMs, lastPaidAtMs, purpose) => {
  expect(isDue({ retryAtMs, lastPaidAtMs }, purpose, nowMs)).toBe(turn);
});
