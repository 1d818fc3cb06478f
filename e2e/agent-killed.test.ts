import { payout } from "@ionet/protocol";
import { pause, rent, waitForCluster } from "@ionet/sdk";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  balancesOf,
  openEngineer,
  openTestNetwork,
  provenSettlement,
  type TestEngineer,
  type TestNetwork,
} from "./network.ts";

/** A statement every ten seconds; the last one before the kill may be that old. */
const STATEMENT_SECONDS = 10;
/** One statement has come by then, and the next is on its way. */
const SECONDS_BEFORE_KILL = 14;
/** Longer than a statement may be old: who lives on is paid visibly more than who was killed. */
const SECONDS_AFTER_KILL = 12;

let network: TestNetwork;
let engineer: TestEngineer;
beforeAll(async () => {
  // Bills by the second from the first on, so that the kill shows without a minute's wait.
  network = await openTestNetwork({ minimumSeconds: 1 });
  engineer = await openEngineer(network);
});
afterAll(() => network?.close());

test("a killed agent is paid to its last delivered second, the others in full, and the refund is exact", async () => {
  const { ionet, signer, wallet } = engineer;
  const before = await balancesOf(network, wallet);
  // Two escrows: one pays two of the leases, the other the third.
  const wanted = { gpuModel: "a100-40gb", gpuCount: 3, minSuppliers: 3, durationSeconds: 600 };
  const rented = await rent(ionet, signer, wanted, { leasesPerEscrow: 2 });
  if (rented === null) throw new Error("nothing was rented");
  const clusterId = rented.cluster.id;
  const victim = rented.cluster.leases.find(({ role }) => role === "worker");
  const node = network.description.suppliers
    .flatMap(({ nodes }) => nodes)
    .find(({ nodeId }) => nodeId === victim?.nodeId);
  if (victim === undefined || node === undefined) throw new Error("no worker was rented");

  await pause(SECONDS_BEFORE_KILL * 1000);
  await network.member(node.name)?.kill();
  const degraded = await waitForCluster(ionet, clusterId, {
    until: ({ state }) => state === "degraded",
    signal: AbortSignal.timeout(60_000),
  });
  expect(degraded.leases.find(({ id }) => id === victim.id)).toMatchObject({
    phase: "ended",
    reason: "agent-lost",
  });
  await pause(SECONDS_AFTER_KILL * 1000);
  const asked = await ionet.stopCluster({ params: { clusterId } });

  const { settlement, proof } = await provenSettlement(network, engineer, clusterId, before);
  expect(proof).toMatchObject({ holds: true });
  expect(settlement.escrows).toHaveLength(2);
  const secondsOf = new Map(settlement.payouts.map(({ leaseId, seconds }) => [leaseId, seconds]));
  const own = secondsOf.get(victim.id) ?? -1;
  // From joining to the kill is a little more than the pause (joining comes before ready); never beyond the kill.
  expect(own).toBeGreaterThanOrEqual(SECONDS_BEFORE_KILL - STATEMENT_SECONDS);
  expect(own).toBeLessThan(SECONDS_BEFORE_KILL + STATEMENT_SECONDS);
  const joinedMs = (id: string) =>
    Date.parse(
      asked.events.find(({ event, detail }) => event === "lease-joined" && detail?.includes(id))?.at ?? "",
    );
  const stoppedMs = Date.parse(asked.events.findLast(({ event }) => event === "stopping")?.at ?? "");
  for (const lease of rented.cluster.leases.filter(({ id }) => id !== victim.id)) {
    const lived = (stoppedMs - joinedMs(lease.nodeId)) / 1000;
    // In full: what passed from joining to stopping, to within what a stop takes and the cut to whole seconds.
    expect(secondsOf.get(lease.id)).toBeGreaterThanOrEqual(Math.floor(lived) - 1);
    expect(secondsOf.get(lease.id)).toBeLessThanOrEqual(Math.ceil(lived) + STATEMENT_SECONDS);
  }
  const gross = settlement.payouts.reduce((total, { leaseId, seconds }) => {
    const lease = rented.cluster.leases.find(({ id }) => id === leaseId);
    return total + (lease ? payout(lease.ratePerHour, seconds, 200).gross : 0n);
  }, 0n);
  expect(proof.refunded).toBe(rented.reservation.deposit - gross);
});
