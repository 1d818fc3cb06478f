import { baseUnits, type Cluster, type Lease, makeId, ratePerHour, type Settlement } from "@ionet/protocol";
import { expect, test } from "vitest";
import { clusterText } from "./cluster-text.ts";
import { settlementText } from "./settlement-text.ts";

const id = <Kind extends "cluster" | "lease" | "node">(kind: Kind) =>
  makeId(kind, new Uint8Array(20).fill(7));

const lease = (deliveredSeconds: number, billedSeconds: number): Lease => ({
  ...{ id: id("lease"), index: 0, escrow: "escrow", escrowIndex: 0, nodeId: id("node"), role: "head" },
  ...{ supplier: "supplier", supplierKind: "miner", country: "NO", gpuModel: "a100-40gb", gpus: [0] },
  ...{ simulated: true, ratePerHour: ratePerHour(380_000n), maxSeconds: 3600, phase: "ended", reason: null },
  ...{ deliveredSeconds, billedSeconds, interruptible: false, reclaimAt: null },
});
const clusterOf = (only: Lease): Cluster => ({
  ...{ id: id("cluster"), state: "closed", reason: null, currency: "USDC", escrows: ["escrow"] },
  ...{ leases: [only], jobsAddress: "http://localhost", createdAt: "2026-01-01T00:00:00.000Z" },
  ...{ readyAt: null, events: [] },
});
const settlementOf = (seconds: number): Settlement => ({
  ...{ clusterId: id("cluster"), currency: "USDC", state: "settled", deposited: baseUnits(10_000n) },
  payouts: [
    {
      ...{ leaseId: id("lease"), escrow: "escrow", supplier: "supplier", seconds, paid: baseUnits(6_207n) },
      ...{ fee: baseUnits(126n), signature: null },
    },
  ],
  ...{ fee: baseUnits(126n), refunded: baseUnits(3_667n), escrows: [] },
});

test("what was delivered and what is billed are shown apart where the minimum makes them differ", () => {
  const short = clusterOf(lease(23, 60));
  expect(clusterText(short)).toMatch(/delivered +billed/);
  expect(clusterText(short)).toMatch(/ 23 s +(1 min|60 s)/);
  expect(settlementText(short, settlementOf(60))).toMatch(/delivered s +billed s/);
  expect(settlementText(short, settlementOf(60))).toMatch(/ 23 +60 /);
});

test("where they are the same there is one column", () => {
  const long = clusterOf(lease(90, 90));
  expect(clusterText(long)).not.toContain("billed");
  expect(settlementText(long, settlementOf(90))).not.toContain("billed");
});
