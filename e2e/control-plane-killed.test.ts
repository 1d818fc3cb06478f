import { readEscrow } from "@ionet/chain";
import { type Cluster, type ClusterId, payout, ratePerHour } from "@ionet/protocol";
import { openEscrows, waitForCluster } from "@ionet/sdk";
import { address } from "@solana/kit";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  balancesOf,
  openEngineer,
  openTestNetwork,
  provenSettlement,
  type TestEngineer,
  type TestNetwork,
} from "./network.ts";

let network: TestNetwork;
let engineer: TestEngineer;
beforeAll(async () => {
  network = await openTestNetwork();
  engineer = await openEngineer(network);
});
afterAll(() => network?.close());

type Booked = Parameters<typeof waitForCluster>[2]["reservation"];

/** Two GPUs of two suppliers, held. */
async function book(): Promise<NonNullable<Booked>> {
  const { ionet } = engineer;
  const demand = { gpuModel: "a100-40gb", gpuCount: 2, minSuppliers: 2, durationSeconds: 600 };
  const quote = await ionet.createQuote({ body: demand });
  return ionet.book({ body: { quoteId: quote.id } });
}

/** Pays for them, and sees the cluster for the first time. */
async function fund(reservation: NonNullable<Booked>): Promise<void> {
  await openEscrows(engineer.ionet, engineer.signer, reservation);
  await waitFor(reservation.clusterId, () => true, reservation);
}

const waitFor = (id: ClusterId, until: (cluster: Cluster) => boolean, reservation?: Booked) =>
  waitForCluster(engineer.ionet, id, {
    until,
    pollMs: 50,
    signal: AbortSignal.timeout(120_000),
    ...(reservation ? { reservation } : {}),
  });

const isReady = (cluster: Cluster) => cluster.state === "ready";
const stop = (clusterId: ClusterId) => engineer.ionet.stopCluster({ params: { clusterId } });

async function killAndRestart(): Promise<void> {
  await network.member("control-plane")?.kill();
  await network.restartControlPlane();
}

/** Kills the agent of a cluster's lease, and returns its node's name. */
async function killAgent(id: ClusterId, role: "head" | "worker"): Promise<string> {
  const { leases } = await engineer.ionet.getCluster({ params: { clusterId: id } });
  const nodes = network.description.suppliers.flatMap((supplier) => supplier.nodes);
  const hired = leases.find((lease) => lease.role === role);
  const node = nodes.find(({ nodeId }) => nodeId === hired?.nodeId);
  if (node === undefined) throw new Error(`the cluster has no ${role}`);
  await network.member(node.name)?.kill();
  return node.name;
}

/** How far a cluster is brought before the kill. */
const moments: Record<string, (id: ClusterId) => Promise<void>> = {
  held: async (id) => {
    await killAndRestart();
    await expect(engineer.ionet.getCluster({ params: { clusterId: id } })).rejects.toThrow();
  },
  forming: async (id) => {
    expect((await engineer.ionet.getCluster({ params: { clusterId: id } })).state).toBe("forming");
    await killAndRestart();
  },
  ready: async (id) => {
    await waitFor(id, isReady);
    await killAndRestart();
    const after = await waitFor(id, isReady);
    expect(after.leases.map(({ phase }) => phase)).toEqual(["joined", "joined"]);
  },
  stopping: async (id) => {
    await waitFor(id, isReady);
    await stop(id);
    await killAndRestart();
  },
  settling: async (id) => {
    await waitFor(id, ({ leases }) => leases.every(({ phase }) => phase === "ended"));
    await killAndRestart();
  },
  degraded: async (id) => {
    await waitFor(id, isReady);
    const lost = await killAgent(id, "worker");
    await waitFor(id, ({ state }) => state === "degraded");
    await killAndRestart();
    await stop(id);
    await network.restartAgent(lost);
  },
  failed: async (id) => {
    await waitFor(id, isReady);
    const lost = await killAgent(id, "head");
    await waitFor(id, ({ state }) => state === "failed");
    await killAndRestart();
    await network.restartAgent(lost);
  },
};

/** Each is the life of one cluster, with a kill at every moment of it. */
const lives = [["held", "forming", "ready", "stopping", "settling"], ["degraded"], ["failed"]];

test.each(lives.map((life) => ({ life, when: life.join(", ") })))(
  "a control plane killed while a cluster is $when settles it exactly once",
  async ({ life }) => {
    const before = await balancesOf(network, engineer.wallet);
    const reservation = await book();
    const { clusterId } = reservation;
    if (life.includes("held")) await moments.held?.(clusterId);
    await fund(reservation);
    for (const moment of life) if (moment !== "held") await moments[moment]?.(clusterId);
    const { settlement, proof } = await provenSettlement(network, engineer, clusterId, before);
    expect(proof).toMatchObject({ holds: true });
    const { leases, state, escrows } = await engineer.ionet.getCluster({ params: { clusterId } });
    expect(state).toBe(life.includes("failed") ? "failed" : "closed");
    expect(settlement.payouts).toHaveLength(2);
    for (const { leaseId, seconds, paid, fee } of settlement.payouts) {
      const rate = leases.find(({ id }) => id === leaseId)?.ratePerHour ?? ratePerHour(0n);
      expect({ paid, fee }).toEqual({
        paid: payout(rate, seconds, 200).net,
        fee: payout(rate, seconds, 200).fee,
      });
      expect(seconds).toBeGreaterThanOrEqual(60);
    }
    // The account is gone: there is nothing that could be paid a second time.
    for (const escrow of escrows) {
      expect(await readEscrow(network.chain, address(escrow), "confirmed")).toBeNull();
    }
  },
);
