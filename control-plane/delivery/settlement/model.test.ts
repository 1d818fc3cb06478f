import type { EscrowLease, EscrowState } from "@ionet/chain";
import { address } from "@solana/kit";
import { expect, test } from "vitest";
import { type NextPayment, nextPayment, retryAfterMs, thisTransaction } from "./model.ts";

const supplier = address("11111111111111111111111111111111");
/** 1,000 base units a second, 2 % fee. */
const lease = (seconds: number, paid: bigint): EscrowLease => ({
  supplier,
  ratePerHour: 3_600_000n,
  maxSeconds: 3600,
  startedAt: 1,
  endedAt: null,
  seconds,
  gross: BigInt(seconds) * 1000n,
  paid,
  fee: BigInt(seconds) * 20n,
});
type Chain = Pick<EscrowState, "status" | "feeBps" | "fees" | "feesEarned" | "leases">;
const chain = (change: Partial<Chain>): Chain => ({
  status: "open",
  feeBps: 200,
  fees: 0n,
  feesEarned: 0n,
  leases: [lease(0, 0n), lease(0, 0n)],
  ...change,
});

const table: [
  behaviour: string,
  escrow: Chain,
  reading: { seconds: number[]; final: boolean },
  next: NextPayment | null,
][] = [
  [
    "pays and closes at the end",
    chain({}),
    { seconds: [60, 0], final: true },
    { settle: true, payLeases: [0], close: true },
  ],
  [
    "returns all when nobody delivered",
    chain({}),
    { seconds: [0, 0], final: true },
    { settle: true, payLeases: [], close: true },
  ],
  [
    "pays the difference while it runs, and does not close",
    chain({ leases: [lease(60, 58_800n), lease(60, 58_800n)], fees: 2_400n, feesEarned: 2_400n }),
    { seconds: [60, 61], final: false },
    { settle: true, payLeases: [1], close: false },
  ],
  [
    "does nothing while it runs and nothing is owed",
    chain({ leases: [lease(60, 58_800n), lease(0, 0n)], fees: 1_200n, feesEarned: 1_200n }),
    { seconds: [60, 0], final: false },
    null,
  ],
  [
    "only closes what is final and paid",
    chain({ status: "final", leases: [lease(60, 58_800n)], fees: 1_200n, feesEarned: 1_200n }),
    { seconds: [60], final: true },
    { settle: false, payLeases: [], close: true },
  ],
  [
    "pays again whoever was skipped",
    chain({ status: "final", leases: [lease(60, 0n)], fees: 1_200n, feesEarned: 1_200n }),
    { seconds: [60], final: true },
    { settle: true, payLeases: [0], close: true },
  ],
  [
    "leaves to its supplier what was agreed on beyond the reading, for no reading pays that",
    chain({ status: "final", leases: [lease(60, 0n), lease(95, 0n)], fees: 3_100n, feesEarned: 3_100n }),
    { seconds: [60, 70], final: true },
    { settle: true, payLeases: [0], close: true },
  ],
  [
    "pays nothing new on what is final",
    chain({ status: "final", leases: [lease(60, 58_800n)], fees: 1_200n, feesEarned: 1_200n }),
    { seconds: [90], final: true },
    { settle: false, payLeases: [], close: true },
  ],
];

test.each(table)("settlement %s", (_behaviour, escrow, reading, next) => {
  expect(nextPayment(escrow, reading)).toEqual(next);
});

const all: NextPayment = { settle: true, payLeases: [0], close: true };
const seen = { payLeases: [0], treasuryPayable: true, engineerPayable: true, firstTry: true };
type Seen = Parameters<typeof thisTransaction>[2];
const steps: [behaviour: string, escrow: Chain, seen: Seen, does: { settle: boolean; close: boolean }][] = [
  ["pays and closes at once", chain({}), seen, { settle: true, close: true }],
  [
    "only pays while the engineer's account takes nothing",
    chain({}),
    { ...seen, engineerPayable: false },
    { settle: true, close: false },
  ],
  [
    "only pays after a failed try, whatever the engineer's account looks like",
    chain({}),
    { ...seen, firstTry: false },
    { settle: true, close: false },
  ],
  [
    "only closes a final escrow whose suppliers can't be paid now",
    chain({ status: "final" }),
    { ...seen, payLeases: [], firstTry: false },
    { settle: false, close: true },
  ],
  [
    "pays a fee that is still owed",
    chain({ status: "final", feesEarned: 20n }),
    { ...seen, payLeases: [], firstTry: false },
    { settle: true, close: false },
  ],
];

test.each(steps)("a transaction %s", (_behaviour, escrow, seenNow, does) => {
  expect(thisTransaction(all, escrow, seenNow)).toEqual(does);
});

test("tries come ever later, at last every minute", () => {
  expect([0, 1, 2, 5, 6, 50].map(retryAfterMs)).toEqual([1000, 2000, 4000, 32_000, 60_000, 60_000]);
});
