import type { EscrowState } from "@ionet/chain";
import { baseUnits, makeId, microUsdPerGpuHour, type QuotedLease, ratePerHour } from "@ionet/protocol";
import { address } from "@solana/kit";
import { expect, test } from "vitest";
import { judgeEscrow, type ReservedTerms } from "./model.ts";

const some = address("11111111111111111111111111111111");
const other = address("SysvarRent111111111111111111111111111111111");
const nowMs = 1_800_000_000_000;

const lease: QuotedLease = {
  leaseId: makeId("lease", new Uint8Array(20)),
  nodeId: makeId("node", new Uint8Array(20)),
  supplier: some,
  supplierKind: "miner",
  country: "DE",
  gpuModel: "a100-40gb",
  gpus: [0],
  simulated: true,
  priceMicroUsdPerGpuHour: microUsdPerGpuHour(400_000n),
  ratePerHour: ratePerHour(400_000n),
  maxSeconds: 3600,
};
const agreed: ReservedTerms = {
  wallet: some,
  mint: some,
  number: 7n,
  feeBps: 200,
  deposit: baseUnits(400_000n),
  leases: [lease],
  expiresAtMs: nowMs + 1,
};
const opened: EscrowState["leases"][number] = {
  supplier: some,
  ratePerHour: 400_000n,
  maxSeconds: 3600,
  startedAt: 1,
  endedAt: null,
  seconds: 0,
  gross: 0n,
  paid: 0n,
  fee: 0n,
};
const escrow: EscrowState = {
  address: some,
  engineer: some,
  mint: some,
  vault: some,
  rentPayer: some,
  delegate: null,
  id: 7n,
  openedSlot: 1n,
  openedAt: 1,
  feeBps: 200,
  minimumSeconds: 60,
  releaseAfterSeconds: 86_400,
  status: "open",
  deposited: 400_000n,
  paid: 0n,
  fees: 0n,
  feesEarned: 0n,
  refunded: 0n,
  rent: 2_000_000n,
  remainder: 400_000n,
  leases: [opened],
};

test("an escrow that equals its reservation starts the cluster, and more money than asked does not hurt", () => {
  expect(judgeEscrow(agreed, escrow, nowMs)).toEqual({ funded: true });
  expect(judgeEscrow(agreed, { ...escrow, deposited: 500_000n }, nowMs)).toEqual({ funded: true });
});

const refused: [name: string, change: Partial<EscrowState>, code: string][] = [
  ["of another engineer", { engineer: other }, "wrong-engineer"],
  ["in another mint", { mint: other }, "wrong-mint"],
  ["of another number", { id: 8n }, "wrong-number"],
  ["with another fee", { feeBps: 100 }, "wrong-fee"],
  ["with a lease more", { leases: [opened, opened] }, "wrong-lease-count"],
  ["with no lease", { leases: [] }, "wrong-lease-count"],
  ["that pays another wallet", { leases: [{ ...opened, supplier: other }] }, "wrong-supplier of lease 0"],
  ["at a lower rate", { leases: [{ ...opened, ratePerHour: 399_999n }] }, "wrong-rate of lease 0"],
  ["for longer", { leases: [{ ...opened, maxSeconds: 3601 }] }, "wrong-seconds of lease 0"],
  ["one unit short", { deposited: 399_999n }, "funding-too-little"],
  ["that is final already", { status: "final" }, "not-open"],
  ["that has paid already", { paid: 1n }, "already-used"],
];

test.each(refused)("an escrow %s is refused by name", (_name, change, code) => {
  const verdict = judgeEscrow(agreed, { ...escrow, ...change }, nowMs);
  expect(verdict).toMatchObject({ funded: false });
  expect(verdict.funded ? "" : verdict.reason.split(":")[0]).toBe(code);
});

test("an escrow that is seen when the hold is over is refused, however right it is", () => {
  expect(judgeEscrow({ ...agreed, expiresAtMs: nowMs }, escrow, nowMs)).toMatchObject({ funded: false });
});
