import type { ObservedLease, QuotedLease } from "@ionet/protocol";
import { firstPrevious, hashStatement } from "@ionet/protocol/node";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { ChainContext } from "../../platform/context.ts";
import { changedDeliveries } from "../../supply/inventory/reliability.ts";
import { markClosed } from "../clusters/change.ts";
import { observeLeases } from "../clusters/observe-leases.ts";
import { reconcileClusters } from "../clusters/reconcile.ts";
import { stopCluster } from "../clusters/stop-cluster.ts";
import { findCluster } from "../clusters/store.ts";
import { dyingAtWrite } from "../escrows/testing/crash.ts";
import {
  openTestMarket,
  statementChain,
  type TestMarket,
  type TestNode,
  walletNamed,
  word,
} from "../escrows/testing/market.ts";
import { startTestChain, type TestChain } from "../settlement/testing/chain.ts";
import { nextSequence, observeStatements } from "./observe-statements.ts";
import { reconcileMetering } from "./reconcile.ts";
import { recordDeliveries } from "./record-deliveries.ts";
import { readingsOfCluster, signReadings } from "./sign-reading.ts";
import { tables } from "./tables.ts";

/** What a lease that served is billed at least, in the market of these tests. */
const MINIMUM_SECONDS = 60;

let net: TestChain;
let market: TestMarket;
let ctx: ChainContext;
let nodes: TestNode[];
beforeAll(async () => {
  net = await startTestChain();
  market = await openTestMarket();
  ctx = { ...market.ctx, chain: net.chain, meter: net.meter, payer: net.payer };
});
beforeEach(async () => {
  nodes = [await market.addNode(walletNamed("head")), await market.addNode(walletNamed("worker"))];
});
afterAll(async () => {
  await market?.close();
  await net?.stop();
});

/** An agent keeps what it has stated and sends what is waited for: all that an answer has not confirmed. */
function openAgent(
  node: TestNode,
  lease: QuotedLease,
  change: Parameters<ReturnType<typeof statementChain>>[1],
) {
  const says = statementChain(node, lease);
  const stated = [says(market.clock.now(), change)];
  return {
    lease,
    stated,
    state: () => void stated.push(says(market.clock.now(), change)),
    async tell(to: ChainContext, phase: ObservedLease["phase"] = "joined"): Promise<void> {
      const from = (await nextSequence(to, [lease.leaseId])).get(lease.leaseId);
      await observeStatements(to, node.id, [word(lease.leaseId, phase, { statements: stated.slice(from) })]);
    },
    end: () => observeLeases(ctx, node.id, [word(lease.leaseId, "ended")]),
  };
}

/** A ready cluster of two leases, each with an escrow and so with a reading of its own. */
async function openCluster() {
  const { clusterId, leases } = await market.fundedCluster(nodes, { leasesPerEscrow: 1 });
  await reconcileClusters(ctx);
  const peersAlive = leases.map(({ leaseId }) => leaseId);
  const agents = nodes.flatMap((node, index) => {
    const lease = leases[index];
    return lease ? [openAgent(node, lease, index === 0 ? { peersAlive } : {})] : [];
  });
  for (const [index, node] of nodes.entries()) {
    await observeLeases(ctx, node.id, [word(agents[index]?.lease.leaseId ?? market.id("lease"), "joined")]);
  }
  await reconcileClusters(ctx);
  /** Thirty seconds pass: a reading is due. */
  const work = () => {
    for (let statement = 0; statement < 3; statement++) {
      market.clock.advance(10_000);
      for (const agent of agents) agent.state();
    }
  };
  const readings = async () => {
    const kept = await readingsOfCluster(ctx.db, clusterId);
    return [...kept.values()].toSorted((a, b) => a.escrow.localeCompare(b.escrow));
  };
  return { clusterId, agents, work, readings };
}
type TestCluster = Awaited<ReturnType<typeof openCluster>>;

/** Every lease's statements are kept, each once and following the one before. */
async function expectWholeChains({ agents }: TestCluster): Promise<void> {
  for (const { lease, stated } of agents) {
    const kept = await tables(ctx.db)
      .selectFrom("statements")
      .select(["sequence", "previous", "hash"])
      .where("lease_id", "=", lease.leaseId)
      .orderBy("sequence")
      .execute();
    expect(kept).toEqual(
      stated.map((statement, sequence) => {
        const before = stated[sequence - 1];
        const previous = before === undefined ? firstPrevious(lease.leaseId) : hashStatement(before);
        return { sequence, previous, hash: hashStatement(statement) };
      }),
    );
  }
}

async function expectSeconds(
  { clusterId, readings }: TestCluster,
  seconds: number,
  final: boolean,
): Promise<void> {
  const found = await findCluster(ctx, clusterId);
  expect(found?.leases.map((lease) => lease.deliveredSeconds)).toEqual([seconds, seconds]);
  const said = { seconds: [Math.max(seconds, MINIMUM_SECONDS)], final };
  expect(await readings()).toMatchObject([said, said]);
}

/** Does the work in a process that dies at its n-th write, looks, and does it again; whether it died. */
async function killedAt(
  write: number,
  work: (process: ChainContext) => Promise<void>,
  look: () => Promise<void>,
): Promise<boolean> {
  const process = dyingAtWrite(ctx, write);
  await work(process.ctx).catch((error: unknown) => {
    if (!process.died()) throw error;
  });
  await look();
  await work(ctx);
  return process.died();
}

test("killed at any write while a cluster runs, no second is lost or counted twice and no reading shrinks", async () => {
  const cluster = await openCluster();
  let write = 0;
  let said = 0;
  for (let died = true; died; ) {
    write++;
    cluster.work();
    const round = async (process: ChainContext) => {
      for (const agent of cluster.agents) await agent.tell(process);
      await reconcileMetering(process);
    };
    died = await killedAt(write, round, async () => {
      for (const { seconds } of await cluster.readings()) expect(seconds[0]).toBeGreaterThanOrEqual(said);
    });
    await expectWholeChains(cluster);
    await expectSeconds(cluster, 30 * write, false);
    said = Math.max(30 * write, MINIMUM_SECONDS);
  }
  // Of two leases: a meter made, statements, its end; the count and its seconds; and a reading.
  expect(write).toBe(2 * 6 + 1);
});

test("killed at any write of a cluster's end, the final readings and the nodes' histories say what was delivered, once", async () => {
  const history = async () => {
    const known = await changedDeliveries(ctx.db, "0");
    return nodes.map(({ id }) => known.get(id) ?? { promisedSeconds: 0, deliveredSeconds: 0 });
  };
  let write = 0;
  for (let died = true; died; ) {
    write++;
    const cluster = await openCluster();
    for (let reading = 0; reading < 3; reading++) cluster.work();
    await stopCluster(ctx, market, cluster.clusterId);
    for (const agent of cluster.agents) await agent.end();
    const before = await history();
    let final: string[] = [];
    const end = async (process: ChainContext) => {
      for (const agent of cluster.agents) await agent.tell(process, "ended");
      await signReadings(process, cluster.clusterId, { final: true });
      await markClosed(ctx.db, cluster.clusterId, market.clock.now());
      await recordDeliveries(process);
    };
    const finals = async () =>
      (await cluster.readings()).flatMap(({ final, reading, signature }) =>
        final ? [`${reading} ${signature}`] : [],
      );
    died = await killedAt(write, end, async () => {
      final = await finals();
    });
    await expectWholeChains(cluster);
    await expectSeconds(cluster, 90, true);
    // What was final before is final to the byte.
    expect(await finals()).toEqual(expect.arrayContaining(final));
    // What lies between two statements, 15 s, nobody can have promised.
    const more = ({ promisedSeconds, deliveredSeconds }: (typeof before)[number]) => ({
      promisedSeconds: promisedSeconds + 75,
      deliveredSeconds: deliveredSeconds + 75,
    });
    expect(await history()).toEqual(before.map(more));
  }
  // As while it runs, and of each lease that it is in its node's history, and the history.
  expect(write).toBe(2 * 8 + 1);
});
