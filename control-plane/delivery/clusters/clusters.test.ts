import { type ClusterId, clusterSchema } from "@ionet/protocol";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import type { Context } from "../../platform/context.ts";
import { dyingAtWrite } from "../escrows/testing/crash.ts";
import {
  openTestMarket,
  type TestMarket,
  type TestNode,
  walletNamed,
  word,
} from "../escrows/testing/market.ts";
import { markClosed } from "./change.ts";
import { desiredLeases } from "./desired-leases.ts";
import { clusterForGateway } from "./gateway-view.ts";
import { allEnded } from "./hand-over.ts";
import { listClusters } from "./list-clusters.ts";
import { observeLeases } from "./observe-leases.ts";
import { reconcileClusters } from "./reconcile.ts";
import { ownCluster, stopCluster } from "./stop-cluster.ts";
import { aliveClusters, eventsOf, findCluster } from "./store.ts";
import { clusterView } from "./view.ts";

let market: TestMarket;
let nodes: TestNode[];
beforeEach(async () => {
  market = await openTestMarket();
  nodes = [
    await market.addNode(walletNamed("a")),
    await market.addNode(walletNamed("b")),
    await market.addNode(walletNamed("c")),
  ];
});
afterEach(() => market.close());

const clustersToSettle = async () => (await aliveClusters(market.ctx)).filter(allEnded);
const stateOf = async (id: ClusterId) => (await findCluster(market.ctx, id))?.cluster.state;
const phasesOf = async (id: ClusterId) =>
  (await findCluster(market.ctx, id))?.leases.map(({ phase, reason }) =>
    reason === null ? phase : `${phase} ${reason}`,
  );
const nodeOf = (index: number): TestNode => {
  const node = nodes[index];
  if (node === undefined) throw new Error(`no node ${index}`);
  return node;
};

/** Time passes in steps of a second, with the control plane watching and these nodes talking. */
async function pass(seconds: number, talking: readonly TestNode[] = nodes): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    market.clock.advance(1000);
    for (const node of talking) await market.hear(node);
    await reconcileClusters(market.ctx);
  }
}

async function readyCluster() {
  const made = await market.fundedCluster(nodes);
  await reconcileClusters(market.ctx);
  for (const [index, lease] of made.leases.entries()) {
    await observeLeases(market.ctx, nodeOf(index).id, [word(lease.leaseId, "joined")]);
  }
  // Past the minute in which a control plane that has just started takes nobody for lost.
  await pass(31);
  expect(await stateOf(made.clusterId)).toBe("ready");
  return made;
}

test("a funded escrow becomes one cluster, however often the reconciler runs", async () => {
  const { clusterId, leases } = await market.fundedCluster(nodes);
  await reconcileClusters(market.ctx);
  await reconcileClusters(market.ctx);
  const found = await findCluster(market.ctx, clusterId);
  expect(found?.leases.map(({ id, role, index }) => [id, role, index])).toEqual([
    [leases[0]?.leaseId, "head", 0],
    [leases[1]?.leaseId, "worker", 1],
    [leases[2]?.leaseId, "worker", 2],
  ]);
  expect(found?.cluster.rayToken).toMatch(/^[0-9a-f]{64}$/);
  expect(new Set(market.told)).toEqual(new Set(nodes.map((node) => node.id)));
});

test("nodes are told the head's address, their peers and the token, until they have ended their lease", async () => {
  const { clusterId, leases } = await market.fundedCluster(nodes);
  await reconcileClusters(market.ctx);
  const [wanted] = await desiredLeases(market.ctx, nodeOf(1).id);
  expect(wanted).toMatchObject({
    leaseId: leases[1]?.leaseId,
    role: "worker",
    wanted: "run",
    stopReason: null,
    headAddress: `address-of-${nodeOf(0).id}`,
    gpus: [0],
  });
  expect(wanted?.peers).toHaveLength(3);
  await stopCluster(market.ctx, market, clusterId);
  expect(await desiredLeases(market.ctx, nodeOf(1).id)).toMatchObject([
    { wanted: "stop", stopReason: "stopped-by-engineer" },
  ]);
  await observeLeases(market.ctx, nodeOf(1).id, [word(leases[1]?.leaseId ?? market.id("lease"), "ended")]);
  expect(await desiredLeases(market.ctx, nodeOf(1).id)).toEqual([]);
});

test("stages are kept with their times for the engineer to see", async () => {
  const { clusterId } = await readyCluster();
  const events = await eventsOf(market.ctx, clusterId);
  expect(events.map((each) => each.event)).toEqual([
    "forming",
    "lease-joined",
    "lease-joined",
    "lease-joined",
    "ready",
  ]);
});

test("a stopped cluster frees each GPU as its lease ends, and can be settled when the last has", async () => {
  const { clusterId, leases } = await readyCluster();
  await stopCluster(market.ctx, market, clusterId);
  expect(await market.gpusHeld()).toBe(3);
  for (const [index, lease] of leases.entries()) {
    expect(await clustersToSettle()).toEqual([]);
    await observeLeases(market.ctx, nodeOf(index).id, [word(lease.leaseId, "ended")]);
    expect(await market.gpusHeld()).toBe(2 - index);
  }
  expect(await phasesOf(clusterId)).toEqual(Array(3).fill("ended stopped-by-engineer"));
  expect(await clustersToSettle()).toHaveLength(1);
  expect(await markClosed(market.ctx.db, clusterId, market.clock.now())).toBe(true);
  expect(await markClosed(market.ctx.db, clusterId, market.clock.now())).toBe(false);
  expect(await stateOf(clusterId)).toBe("closed");
  expect(await clustersToSettle()).toEqual([]);
});

test("an agent that never answers a stop is taken for lost, so that settlement does not hang", async () => {
  const { clusterId, leases } = await readyCluster();
  await stopCluster(market.ctx, market, clusterId);
  await observeLeases(market.ctx, nodeOf(0).id, [word(leases[0]?.leaseId ?? market.id("lease"), "ended")]);
  await pass(19);
  expect(await clustersToSettle()).toEqual([]);
  await pass(1);
  expect(await phasesOf(clusterId)).toEqual([
    "ended stopped-by-engineer",
    "ended agent-lost",
    "ended agent-lost",
  ]);
  expect(await clustersToSettle()).toHaveLength(1);
});

test("a silent worker degrades the cluster, a silent head fails it", async () => {
  const { clusterId } = await readyCluster();
  await pass(15, [nodeOf(0), nodeOf(1)]);
  expect(await stateOf(clusterId)).toBe("degraded");
  expect(await phasesOf(clusterId)).toEqual(["joined", "joined", "ended agent-lost"]);
  expect(await desiredLeases(market.ctx, nodeOf(2).id)).toMatchObject([
    { wanted: "stop", stopReason: "agent-lost" },
  ]);
  await pass(15, [nodeOf(1)]);
  expect(await stateOf(clusterId)).toBe("failed");
  expect(await desiredLeases(market.ctx, nodeOf(1).id)).toMatchObject([
    { wanted: "stop", stopReason: "head-lost" },
  ]);
});

test("after the control plane was away, agents have their time to come back", async () => {
  const { clusterId } = await readyCluster();
  market.clock.advance(600_000);
  await pass(29, []);
  expect(await stateOf(clusterId)).toBe("ready");
  await pass(31);
  expect(await stateOf(clusterId)).toBe("ready");
});

test("another account's cluster is not found, for reading and for stopping", async () => {
  const { clusterId } = await readyCluster();
  const stranger = market.id("account");
  await expect(ownCluster(market.ctx, stranger, clusterId)).rejects.toMatchObject({ code: "not-found" });
  await expect(stopCluster(market.ctx, { accountId: stranger }, clusterId)).rejects.toMatchObject({
    code: "not-found",
  });
  expect(await stateOf(clusterId)).toBe("ready");
});

test("a node's word about another node's lease changes nothing", async () => {
  const { clusterId, leases } = await readyCluster();
  await observeLeases(market.ctx, nodeOf(1).id, [word(leases[0]?.leaseId ?? market.id("lease"), "ended")]);
  expect(await phasesOf(clusterId)).toEqual(["joined", "joined", "joined"]);
});

test("the engineer sees where to submit jobs, never the cluster's token; the gateway sees both", async () => {
  const { clusterId } = await readyCluster();
  const view = await clusterView(
    market.ctx,
    "https://g.example",
    await ownCluster(market.ctx, market.accountId, clusterId),
  );
  expect(view.jobsAddress).toBe(`https://g.example/clusters/${clusterId}`);
  const gateway = await clusterForGateway(market.ctx, clusterId);
  expect(gateway).toMatchObject({
    accountId: market.accountId,
    headNodeId: nodeOf(0).id,
    state: "ready",
  });
  expect(JSON.stringify(z.encode(clusterSchema, view))).not.toContain(gateway?.rayToken);
});

test("clusters are listed newest first, page by page, each once", async () => {
  const made: ClusterId[] = [];
  for (let index = 0; index < 3; index++) {
    made.unshift((await market.fundedCluster([await market.addNode(walletNamed(`w${index}`))])).clusterId);
    market.clock.advance(index === 0 ? 0 : 1000);
    await reconcileClusters(market.ctx);
  }
  const first = await listClusters(market.ctx, "", market.accountId, { limit: 2 });
  expect(first.nextCursor).not.toBeNull();
  const cursor = first.nextCursor ?? "";
  const second = await listClusters(market.ctx, "", market.accountId, { limit: 2, cursor });
  expect(second.nextCursor).toBeNull();
  expect([...first.items, ...second.items].map((each) => each.id)).toEqual(made);
  await expect(
    listClusters(market.ctx, "", market.accountId, { limit: 2, cursor: "x" }),
  ).rejects.toMatchObject({ code: "invalid-request", input: { field: "cursor" } });
});

test("killed at any write and started again, a cluster forms, stops and is ready to be settled, each once", async () => {
  let write = 0;
  for (let died = true; died; ) {
    write++;
    const made = await market.fundedCluster(nodes);
    /** What the control plane and the agents do over a cluster's life; agents say the same again until they are heard. */
    const live = async (ctx: Context) => {
      await reconcileClusters(ctx);
      for (const phase of ["preparing", "joined", "ended"] as const) {
        if (phase === "ended") await stopCluster(ctx, market, made.clusterId);
        for (const [index, lease] of made.leases.entries()) {
          await observeLeases(ctx, nodeOf(index).id, [word(lease.leaseId, phase)]);
        }
        await reconcileClusters(ctx);
      }
    };
    const process = dyingAtWrite(market.ctx, write);
    await live(process.ctx).catch((error: unknown) => {
      if (!process.died()) throw error;
    });
    died = process.died();
    await live(market.ctx);
    const found = await findCluster(market.ctx, made.clusterId);
    expect(found?.cluster).toMatchObject({ state: "stopping", reason: "stopped-by-engineer" });
    expect(await phasesOf(made.clusterId)).toEqual(Array(3).fill("ended stopped-by-engineer"));
    expect(await market.gpusHeld()).toBe(0);
    const events = (await eventsOf(market.ctx, made.clusterId)).map((each) => `${each.event} ${each.detail}`);
    expect(events).toHaveLength(12);
    expect(new Set(events).size).toBe(12);
    expect((await clustersToSettle()).map(({ cluster }) => cluster.id)).toContain(made.clusterId);
  }
  expect(write).toBeGreaterThan(25);
}, 180_000);
