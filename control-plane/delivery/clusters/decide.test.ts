import { type LeasePhase, makeId, type NodeId } from "@ionet/protocol";
import { expect, test } from "vitest";
import { decideCluster, type Seen } from "./decide.ts";
import type { ClusterRecord, ClusterWithLeases, LeaseRecord } from "./model.ts";

const nowMs = 1_800_000_000_000;
const bytes = (fill: number) => new Uint8Array(20).fill(fill);
const nodeId = (index: number): NodeId => makeId("node", bytes(index));

/** A cluster made a minute ago; one lease a phase, the first is the head. */
function cluster(
  state: ClusterRecord["state"],
  phases: LeasePhase[],
  change: (lease: LeaseRecord) => Partial<LeaseRecord> = () => ({}),
): ClusterWithLeases {
  const id = makeId("cluster", bytes(1));
  const leases = phases.map((phase, index): LeaseRecord => {
    const lease: LeaseRecord = {
      id: makeId("lease", bytes(index)),
      clusterId: id,
      index,
      escrow: "escrow",
      escrowIndex: index,
      nodeId: nodeId(index),
      role: index === 0 ? "head" : "worker",
      agreed: {} as LeaseRecord["agreed"],
      maxSeconds: 3600,
      phase,
      reason: phase === "ended" ? "ray-exited" : null,
      deliveredSeconds: 0,
      billedSeconds: 0,
      assignedAtMs: nowMs - 60_000,
      joinedAtMs: phase === "joined" ? nowMs - 50_000 : null,
      stopAskedAtMs: null,
      stopReason: null,
      reclaimAtMs: null,
      endedAtMs: phase === "ended" ? nowMs - 1000 : null,
      acknowledged: phase === "ended",
    };
    return { ...lease, ...change(lease) };
  });
  return {
    cluster: {
      id,
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
  };
}

const heard = (agoMs: (index: number) => number = () => 1000): Seen => ({
  nowMs,
  watchingSinceMs: 0,
  lastSeenAtMs: new Map([0, 1, 2].map((index) => [nodeId(index), nowMs - agoMs(index)])),
  addresses: new Map([0, 1, 2].map((index) => [nodeId(index), `10.77.0.${10 + index}`])),
});

/** Steps as short words: "move ready", "ask-stop 0 budget-spent". */
function decided(found: ClusterWithLeases, seen: Seen = heard()): string[] {
  const place = (id: string) => found.leases.findIndex((lease) => lease.id === id);
  return decideCluster(found, seen).map((step) => {
    if (step.do === "warn") return `warn ${step.minutes}`;
    if (step.do === "move") return `move ${step.to}${step.reason === null ? "" : ` ${step.reason}`}`;
    return `${step.do} ${place(step.leaseId)} ${step.reason}`;
  });
}

const table: [behaviour: string, found: ClusterWithLeases, steps: string[]][] = [
  ["waits while some prepare", cluster("forming", ["joined", "preparing"]), []],
  ["is ready when all have joined", cluster("forming", ["joined", "joined"]), ["move ready"]],
  [
    "fails with the reason of a lease that ended while it formed, and stops the others",
    cluster("forming", ["joined", "ended", "preparing"]),
    ["ask-stop 0 ray-exited", "ask-stop 2 ray-exited", "move failed ray-exited"],
  ],
  ["stays ready while all are there", cluster("ready", ["joined", "joined"]), []],
  [
    "is degraded when a worker has ended",
    cluster("ready", ["joined", "ended"]),
    ["move degraded ray-exited"],
  ],
  ["stays degraded, deciding nothing twice", cluster("degraded", ["joined", "ended"]), []],
  [
    "fails when its head has ended",
    cluster("degraded", ["ended", "joined"]),
    ["ask-stop 1 head-lost", "move failed head-lost"],
  ],
  ["only waits when it is stopping", cluster("stopping", ["joined", "ended"]), []],
  ["only waits when it has failed", cluster("failed", ["ended", "ended"]), []],
  [
    "asks a lease to stop that has used its budget",
    cluster("ready", ["joined", "joined"], ({ index }) => (index === 1 ? { maxSeconds: 50 } : {})),
    ["ask-stop 1 budget-spent"],
  ],
  [
    "stops when its head has used its budget",
    cluster("ready", ["ended", "joined"], ({ index }) => (index === 0 ? { reason: "budget-spent" } : {})),
    ["ask-stop 1 budget-spent", "move stopping budget-spent"],
  ],
  [
    "ends a lease whose agent did not stop it in 20 s",
    cluster("stopping", ["joined"], () => ({
      stopAskedAtMs: nowMs - 20_000,
      stopReason: "stopped-by-engineer",
    })),
    ["end-lease 0 agent-lost"],
  ],
  [
    "gives an agent up to 20 s to stop",
    cluster("stopping", ["joined"], () => ({
      stopAskedAtMs: nowMs - 19_999,
      stopReason: "stopped-by-engineer",
    })),
    [],
  ],
];

test.each(table)("a cluster %s", (_behaviour, found, steps) => {
  expect(decided(found)).toEqual(steps);
});

test("a cluster that is not all joined after 90 s has failed, and all its leases stop", () => {
  const found = cluster("forming", ["joined", "preparing"]);
  const late = { ...found, cluster: { ...found.cluster, createdAtMs: nowMs - 90_000 } };
  expect(decided(late)).toEqual([
    "ask-stop 0 forming-timed-out",
    "ask-stop 1 forming-timed-out",
    "move failed forming-timed-out",
  ]);
});

test("a node that has been silent for 15 s loses its lease, a second earlier it does not", () => {
  const found = cluster("ready", ["joined", "joined"]);
  expect(
    decided(
      found,
      heard((index) => (index === 1 ? 15_000 : 1000)),
    ),
  ).toEqual(["end-lease 1 agent-lost"]);
  expect(
    decided(
      found,
      heard((index) => (index === 1 ? 14_999 : 1000)),
    ),
  ).toEqual([]);
});

test("a node that was silent before it was hired has its 15 s from then on", () => {
  const found = cluster("forming", ["assigned"], () => ({ assignedAtMs: nowMs - 5000 }));
  expect(
    decided(
      found,
      heard(() => 3_600_000),
    ),
  ).toEqual([]);
});

test("silence while the control plane itself was away costs nobody a lease", () => {
  const found = cluster("ready", ["joined", "joined"]);
  const back = { ...heard(() => 300_000), watchingSinceMs: nowMs - 29_999 };
  expect(decided(found, back)).toEqual([]);
  expect(decided(found, { ...back, watchingSinceMs: nowMs - 30_000 })).toEqual([
    "end-lease 0 agent-lost",
    "end-lease 1 agent-lost",
  ]);
});

test("a settled cluster is left alone", () => {
  const found = cluster("failed", ["ended"]);
  expect(
    decided(
      { ...found, cluster: { ...found.cluster, closedAtMs: nowMs } },
      heard(() => 9e9),
    ),
  ).toEqual([]);
});

test("a cluster of which two nodes claim the same address fails before it is ready", () => {
  const addresses = new Map([0, 1].map((index) => [nodeId(index), "10.77.0.10"]));
  expect(decided(cluster("forming", ["joined", "joined"]), { ...heard(), addresses })).toEqual([
    "ask-stop 0 address-shared",
    "ask-stop 1 address-shared",
    "move failed address-shared",
  ]);
});

const MINUTE = 60_000;
const MANY = 7200;
const left = (minutes: number, maxSeconds = MANY) =>
  cluster("ready", ["joined", "joined"], () => ({
    maxSeconds,
    joinedAtMs: nowMs - maxSeconds * 1000 + minutes * MINUTE,
  }));

const warnings: [
  name: string,
  minutes: number,
  warned: number | null,
  maxSeconds: number,
  due: number | null,
][] = [
  ["a quarter of an hour left: the first warning", 15, null, MANY, 15],
  ["that was told: nothing more", 10, 15, MANY, null],
  ["five minutes left: the second", 5, 15, MANY, 5],
  ["five minutes left and nothing told: only the second", 4, null, MANY, 5],
  ["both told: nothing more", 1, 5, MANY, null],
  ["more than that left: nothing", 16, null, MANY, null],
  ["a budget of ten minutes has no first warning", 9, null, 600, null],
  ["but the second", 4, null, 600, 5],
];

test.each(warnings)("%s", (_name, minutes, warnedMinutes, maxSeconds, due) => {
  const { cluster: record, leases } = left(minutes, maxSeconds);
  const steps = decideCluster({ cluster: { ...record, warnedMinutes }, leases }, heard());
  expect(steps).toEqual(due === null ? [] : [{ do: "warn", minutes: due, leftMs: minutes * MINUTE }]);
});
