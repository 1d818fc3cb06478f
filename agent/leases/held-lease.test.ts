import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DesiredLease, makeId } from "@ionet/protocol";
import { afterEach, beforeEach, expect, it } from "vitest";
import { machineProblem } from "../environment/machine-problem.ts";
import { nodeKeyOf } from "../identity/node-key.ts";
import { loopbackConfinement } from "../overlay/loopback-confinement.ts";
import type { RayNode, RayNodeEnd } from "../ray/ray-node.ts";
import { noSandbox } from "../sandbox/no-sandbox.ts";
import { type HeldLease, holdLease } from "./held-lease.ts";
import type { Machine } from "./machine.ts";

/*
 * Time moves here by hand, minutes in a moment, which real Ray does not: in its place stands a Ray node that does
 * what a test says. Leases with real Ray: control-plane/delivery/gateway/stock-ray.test.ts.
 */

const key = nodeKeyOf(generateKeyPairSync("ed25519").privateKey);
const id = (byte: number) => makeId("lease", new Uint8Array(20).fill(byte));
const [headId, workerId] = [id(0), id(1)];
const START_MS = 1_800_000_000_000;

let folder: string;
let nowMs: number;
let completeJoin: () => void;
let crash: (end: RayNodeEnd) => void;
let stops: number;
let alive: RayNode["aliveRayNodes"];
let startFails: Error | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ionet-test-"));
  nowMs = START_MS;
  stops = 0;
  startFails = undefined;
  alive = async () => [sign(headId), sign(workerId)];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const sign = (leaseId: string, isAlive = true) => ({
  leaseId,
  address: "127.0.0.2",
  alive: isAlive,
  isHead: false,
  rayNodeId: "n",
});
const moment = () => new Promise((resolve) => setTimeout(resolve, 10));

async function rayNode(): Promise<RayNode> {
  if (startFails) throw startFails;
  const joined = new Promise<void>((resolve) => {
    completeJoin = resolve;
  });
  const exited = new Promise<RayNodeEnd>((resolve) => {
    crash = resolve;
  });
  return {
    exited,
    waitJoined: (signal) =>
      new Promise((resolve, reject) => {
        joined.then(resolve);
        signal?.addEventListener("abort", () => reject(signal.reason));
      }),
    stop: async () => {
      stops++;
      crash({ reason: "stopped", detail: "" });
    },
    dashboard: () => Promise.reject(new Error("no dashboard here")),
    nodeHttp: () => Promise.reject(new Error("no node here")),
    aliveRayNodes: () => alive(),
    process: { pid: 1, startTime: "0" },
  };
}

function hold(more: Partial<DesiredLease> = {}): HeldLease {
  const environment = { python: "p", rayVersion: "2", pythonVersion: "3", folder, basePrefix: "/usr" };
  const machine: Machine = {
    prepared: async () => ({ environment, sandbox: noSandbox }),
    confinement: loopbackConfinement("127.0.0.2"),
    gpu: (index) => (index < 2 ? { index, model: "a100-40gb" } : undefined),
    labels: {},
    startRayNode: rayNode,
    openTunnel: () => () => {},
    sign: key.sign,
    clock: { now: () => nowMs },
    log: { info: () => {}, warn: () => {}, error: () => {} },
  };
  const desired: DesiredLease = {
    leaseId: workerId,
    clusterId: makeId("cluster", new Uint8Array(20)),
    role: "worker",
    wanted: "run",
    stopReason: null,
    gpus: [0, 1],
    headAddress: "127.0.0.2",
    peers: [
      { leaseId: headId, address: "127.0.0.2" },
      { leaseId: workerId, address: "127.0.0.3" },
    ],
    rayToken: "0".repeat(64),
    maxSeconds: 3600,
    statementsReceived: 0,
    ...more,
  };
  return holdLease({ desired, folder: join(folder, desired.leaseId), machine, onChange: () => {} });
}

async function joined(more: Partial<DesiredLease> = {}): Promise<HeldLease> {
  const lease = hold(more);
  await moment();
  completeJoin();
  await moment();
  return lease;
}
/** Half a second at a time, as the agent ticks. */
function pass(lease: HeldLease, seconds: number): void {
  for (let tick = 0; tick < seconds * 2; tick++) {
    nowMs += 500;
    lease.tick();
  }
}
const times = (lease: HeldLease) => lease.observed().statements.map(({ atMs }) => (atMs - START_MS) / 1000);

it("a lease prepares until Ray has joined; nothing is stated before", async () => {
  const lease = hold();
  await moment();
  pass(lease, 30);
  expect(lease.observed()).toMatchObject({ phase: "preparing", statements: [] });
});

it("states at the join, every ten seconds, and at the very end", async () => {
  const lease = await joined();
  pass(lease, 25);
  nowMs += 300;
  await lease.end("stopped-by-engineer");
  expect(times(lease)).toEqual([0, 10, 20, 25.3]);
  expect(lease.observed()).toMatchObject({ phase: "ended", reason: "stopped-by-engineer" });
  expect(stops).toBe(1);
});

it("ends by itself when the budget is spent, to the second, however late it looks", async () => {
  const lease = await joined({ maxSeconds: 15 });
  pass(lease, 12);
  nowMs += 8_000;
  lease.tick();
  await moment();
  expect(times(lease)).toEqual([0, 10, 15]);
  expect(lease.observed()).toMatchObject({ phase: "ended", reason: "budget-spent" });
});

it("a budget that grows meanwhile is followed", async () => {
  const lease = await joined({ maxSeconds: 15 });
  lease.follow({ ...wantedOf(lease), maxSeconds: 30 });
  pass(lease, 20);
  expect(lease.hasEnded()).toBe(false);
});

it("when Ray ends by itself the lease ends with its last statement before, and with Ray's last words", async () => {
  const lease = await joined();
  pass(lease, 14);
  crash({ reason: "crashed", detail: "ended by SIGKILL" });
  await moment();
  expect(times(lease)).toEqual([0, 10]);
  expect(lease.observed()).toMatchObject({
    phase: "ended",
    reason: "ray-exited",
    detail: "ended by SIGKILL",
  });
});

it("a lease that is ended while it prepares leaves no Ray node and no statement", async () => {
  const lease = hold();
  await moment();
  await lease.end("stopped-by-engineer");
  expect(stops).toBeGreaterThan(0);
  expect(lease.observed()).toMatchObject({ phase: "ended", reason: "stopped-by-engineer", statements: [] });
});

it.each([
  ["disk-full", "disk-full"],
  ["install-failed", "environment-failed"],
  ["port-taken", "ports-taken"],
  ["ray-start-failed", "ray-failed-to-start"],
] as const)("a start that fails with %s ends the lease with %s", async (code, reason) => {
  startFails = machineProblem(code, { field: "f", given: "g", allowed: "a", next: "n" });
  const lease = hold();
  await moment();
  expect(lease.observed()).toMatchObject({ phase: "ended", reason, detail: startFails.message });
});

it("a GPU that the node does not have ends the lease before Ray starts", async () => {
  const lease = hold({ gpus: [7] });
  await moment();
  expect(lease.observed()).toMatchObject({ phase: "ended", reason: "ray-failed-to-start" });
  expect(stops).toBe(0);
});

it("a lease whose statements can't be written down ends: nobody works unpaid", async () => {
  const lease = await joined();
  const file = join(folder, workerId, "statements.jsonl");
  rmSync(file);
  mkdirSync(file);
  pass(lease, 11);
  await moment();
  expect(lease.observed()).toMatchObject({ phase: "ended", reason: "disk-full" });
  expect(stops).toBe(1);
});

it("a head says who is alive, and says a change at once", async () => {
  const lease = await joined({ leaseId: headId, role: "head" });
  pass(lease, 3);
  await moment();
  alive = async () => [sign(headId), sign(workerId, false)];
  pass(lease, 3);
  await moment();
  const said = lease.observed().statements.map(({ peersAlive }) => peersAlive);
  expect(said).toEqual([[headId, workerId].sort(), [headId]]);
});

it("a head whose dashboard does not answer does not say that its workers are dead", async () => {
  const lease = await joined({ leaseId: headId, role: "head" });
  alive = () => Promise.reject(new Error("busy"));
  pass(lease, 11);
  await moment();
  const last = lease.observed().statements.at(-1);
  expect(last?.peersAlive).toEqual([headId, workerId].sort());
});

it("a head that has not seen its cluster yet says nothing about it", async () => {
  alive = () => Promise.reject(new Error("busy"));
  const lease = await joined({ leaseId: headId, role: "head" });
  expect(lease.observed().statements.map(({ peersAlive }) => peersAlive)).toEqual([null]);
});

const wantedOf = (lease: HeldLease): DesiredLease => ({
  leaseId: lease.leaseId,
  clusterId: makeId("cluster", new Uint8Array(20)),
  role: "worker",
  wanted: "run",
  stopReason: null,
  gpus: [0, 1],
  headAddress: "127.0.0.2",
  peers: [],
  rayToken: "",
  maxSeconds: 0,
  statementsReceived: 0,
});
