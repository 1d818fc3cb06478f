import {
  leaseBudget,
  leasesOfEscrow,
  makeId,
  microUsdPerGpuHour,
  type QuotedLease,
  ratePerHour,
  sum,
} from "@ionet/protocol";
import { expect, test } from "vitest";
import { planEscrows } from "./plan-escrows.ts";

/** Leases of rates that round differently. */
const leases = (count: number): QuotedLease[] =>
  Array.from({ length: count }, (_, index) => ({
    leaseId: makeId("lease", new Uint8Array(20).fill(index)),
    nodeId: makeId("node", new Uint8Array(20).fill(index)),
    supplier: "11111111111111111111111111111111",
    supplierKind: "miner",
    country: "DE",
    gpuModel: "a100-40gb",
    gpus: [0],
    simulated: true,
    priceMicroUsdPerGpuHour: microUsdPerGpuHour(400_000n),
    ratePerHour: ratePerHour(361_003n + BigInt(index)),
    maxSeconds: 1001,
  }));

test.each([
  [1, 50, [1]],
  [50, 50, [50]],
  [51, 50, [50, 1]],
  [256, 50, [50, 50, 50, 50, 50, 6]],
  [512, 50, [...Array.from({ length: 10 }, () => 50), 12]],
  [4, 1, [1, 1, 1, 1]],
  [31, 15, [15, 15, 1]],
])("%i leases, at most %i an escrow, are cut in their order into %j", (count, most, parts) => {
  const all = leases(count);
  const plan = planEscrows(all, most);
  expect(plan.map(({ leaseCount }) => leaseCount)).toEqual(parts);
  expect(plan.flatMap((part) => leasesOfEscrow(all, part))).toEqual(all);
  const budgets = all.map((lease) => leaseBudget(lease.ratePerHour, lease.maxSeconds));
  expect(sum(plan.map(({ deposit }) => deposit))).toBe(sum(budgets));
});

test("so many escrows that they can't be opened while the GPUs are held are refused with what is allowed", () => {
  expect(planEscrows(leases(64), 1)).toHaveLength(64);
  expect(() => planEscrows(leases(65), 1)).toThrow(
    expect.objectContaining({
      code: "invalid-request",
      input: expect.objectContaining({ field: "leasesPerEscrow", allowed: "at least 2 for 65 leases" }),
    }),
  );
});
