import type { EscrowState } from "@ionet/chain";
import {
  baseUnits,
  leaseBudget,
  leasesOfEscrow,
  makeId,
  microUsdPerGpuHour,
  type QuotedLease,
  ratePerHour,
} from "@ionet/protocol";
import { address } from "@solana/kit";
import { expect, test } from "vitest";
import type { ReservationRecord } from "../../market/reservations/model.ts";
import { planEscrows } from "../../market/reservations/plan-escrows.ts";
import { judgeReservation } from "./judge-reservation.ts";

const some = address("11111111111111111111111111111111");
const nowMs = 1_800_000_000_000;
const leases = [400_000n, 500_000n, 600_000n].map(
  (rate, index): QuotedLease => ({
    leaseId: makeId("lease", new Uint8Array(20).fill(index)),
    nodeId: makeId("node", new Uint8Array(20).fill(index)),
    supplier: some,
    supplierKind: "miner",
    country: "DE",
    gpuModel: "a100-40gb",
    gpus: [0],
    simulated: true,
    priceMicroUsdPerGpuHour: microUsdPerGpuHour(rate),
    ratePerHour: ratePerHour(rate),
    maxSeconds: 3600,
  }),
);

function reserved(change: Partial<ReservationRecord> = {}): ReservationRecord {
  const escrows = planEscrows(leases, 1).map((plan, position) => ({
    ...plan,
    address: `escrow ${position}`,
    number: BigInt(position),
  }));
  return {
    id: makeId("reservation", new Uint8Array(20)),
    accountId: makeId("account", new Uint8Array(20)),
    wallet: some,
    quoteId: makeId("quote", new Uint8Array(20)),
    clusterId: makeId("cluster", new Uint8Array(20)),
    state: "held",
    reason: null,
    expiresAtMs: nowMs + 1,
    escrows,
    mint: some,
    deposit: baseUnits(1_500_000n),
    feeBps: 200,
    leases,
    ...change,
  };
}

/** The escrow of this position as the chain would show it. */
function seen(position: number, change: Partial<EscrowState> = {}): EscrowState {
  const plan = reserved().escrows[position];
  const own = plan ? leasesOfEscrow(leases, plan) : [];
  const deposited = own.reduce(
    (total, lease) => total + leaseBudget(lease.ratePerHour, lease.maxSeconds),
    0n,
  );
  return {
    ...{ address: some, engineer: some, mint: some, vault: some, rentPayer: some, delegate: null },
    ...{ id: BigInt(position), openedSlot: 1n, openedAt: 1, feeBps: 200, minimumSeconds: 60 },
    ...{ releaseAfterSeconds: 86_400, status: "open", deposited, paid: 0n, fees: 0n, feesEarned: 0n },
    ...{ refunded: 0n, remainder: deposited, rent: 0n },
    leases: own.map((lease) => ({
      ...{ supplier: some, ratePerHour: lease.ratePerHour, maxSeconds: lease.maxSeconds, startedAt: 1 },
      ...{ endedAt: null, seconds: 0, gross: 0n, paid: 0n, fee: 0n },
    })),
    ...change,
  };
}

/** "wait", "fund", or the escrows' reasons by their codes, "-" where none was seen. */
function judged(
  reservation: ReservationRecord,
  escrows: readonly (EscrowState | null)[],
  atMs = nowMs,
): string {
  const verdict = judgeReservation(reservation, escrows, atMs);
  if (verdict.do !== "refuse") return verdict.do;
  return verdict.reasons.map((reason) => reason?.split(":")[0] ?? "-").join(", ");
}

const held = reserved();
const expired = reserved({ state: "expired" });
const released = reserved({ state: "released", reason: "wrong-mint: …" });
const wrong = seen(1, { feeBps: 100 });
const over = nowMs + 1;

test.each<[string, ReservationRecord, (EscrowState | null)[], number, string]>([
  ["none is there", held, [null, null, null], nowMs, "wait"],
  ["one is missing", held, [seen(0), null, seen(2)], nowMs, "wait"],
  ["all are there", held, [seen(0), seen(1), seen(2)], nowMs, "fund"],
  ["one is wrong", held, [seen(0), wrong, seen(2)], nowMs, "another-refused, wrong-fee, another-refused"],
  ["one is wrong and one missing", held, [null, wrong, seen(2)], nowMs, "-, wrong-fee, another-refused"],
  [
    "two change places",
    held,
    [seen(1), seen(0), seen(2)],
    nowMs,
    "wrong-number, wrong-number, another-refused",
  ],
  ["the hold is over and none is there", expired, [null, null, null], over, "wait"],
  ["the hold is over and one is missing", held, [seen(0), null, seen(2)], over, "too-late, -, too-late"],
  [
    "the hold is over, however complete",
    held,
    [seen(0), seen(1), seen(2)],
    over,
    "too-late, too-late, too-late",
  ],
  [
    "it has expired in the books",
    expired,
    [seen(0), seen(1), seen(2)],
    nowMs,
    "too-late, too-late, too-late",
  ],
  ["another was refused before", released, [null, null, seen(2)], nowMs, "-, -, another-refused"],
])("of three escrows, when %s", (_when, reservation, escrows, atMs, verdict) => {
  expect(judged(reservation, escrows, atMs)).toBe(verdict);
});
