import { NATIVE_SOL } from "@ionet/chain";
import { baseUnits, makeId } from "@ionet/protocol";
import { expect, test } from "vitest";
import { accountFor, accountFromOwn, type SettledEscrow } from "./account.ts";
import { historyOf, type Movement } from "./history.ts";

const lease = (index: number, supplier: string, ratePerHour = 3_600_000n) => ({
  leaseId: makeId("lease", new Uint8Array(20).fill(index)),
  supplier,
  ratePerHour,
  maxSeconds: 3600,
});
/** Two leases of `dc`, one of `miner`; 1,000 base units a second, 2 % fee. */
const escrow: SettledEscrow = {
  address: "vault",
  engineer: "engineer",
  mint: "USDCtestmint1111111111111111111111111111111",
  deposited: baseUnits(10_800_000n),
  treasury: "treasury",
  feeBps: 200,
  minimumSeconds: 60,
  leases: [lease(0, "dc"), lease(1, "miner"), lease(2, "dc")],
  seconds: [100, 70, 80],
};
const move = (signature: string, changes: Record<string, bigint>): Movement => ({
  signature,
  changes: new Map(Object.entries(changes)),
});
const accountOf = (of: SettledEscrow, movements: Movement[]) =>
  accountFor(of, historyOf(of.address, movements));
const ownAccountOf = (of: SettledEscrow, movements: Movement[]) =>
  accountFromOwn(of, historyOf(of.address, movements));
const opened = move("open", { engineer: -10_800_000n, vault: 10_800_000n });

test("a settled escrow is accounted for to the unit, lease by lease, from its transactions", () => {
  const account = accountOf(escrow, [
    opened,
    move("settle", {
      vault: -10_800_000n,
      dc: 176_400n,
      miner: 68_600n,
      treasury: 5_000n,
      engineer: 10_550_000n,
    }),
  ]);
  expect(account.payouts.map(({ seconds, paid, fee, signature }) => [seconds, paid, fee, signature])).toEqual(
    [
      [100, 98_000n, 2_000n, "settle"],
      [70, 68_600n, 1_400n, "settle"],
      [80, 78_400n, 1_600n, "settle"],
    ],
  );
  expect(account).toMatchObject({
    deposited: 10_800_000n,
    fee: 5_000n,
    refunded: 10_550_000n,
    refundSignature: "settle",
    proven: true,
  });
});

test("payments in several transactions add up, and each wallet's last one is named", () => {
  const account = accountOf(escrow, [
    opened,
    move("hour", { vault: -100_000n, dc: 98_000n, treasury: 2_000n }),
    move("end", {
      vault: -10_700_000n,
      dc: 78_400n,
      miner: 68_600n,
      treasury: 3_000n,
      engineer: 10_550_000n,
    }),
  ]);
  expect(account).toMatchObject({ proven: true, refunded: 10_550_000n, refundSignature: "end" });
  expect(account.payouts.map((payout) => payout.signature)).toEqual(["end", "end", "end"]);
});

test("where the chain's clock allowed fewer seconds than were read, those are what was paid", () => {
  const account = accountOf(escrow, [
    opened,
    move("settle", {
      vault: -10_800_000n,
      dc: 73_500n + 73_500n,
      miner: 68_600n,
      treasury: 4_400n,
      engineer: 10_580_000n,
    }),
  ]);
  expect(account.payouts.map((payout) => payout.seconds)).toEqual([75, 70, 75]);
  expect(account).toMatchObject({ proven: true, fee: 4_400n, refunded: 10_580_000n });
});

test("a donation goes to the engineer and is no part of the refund", () => {
  const account = accountOf({ ...escrow, leases: [] }, [
    opened,
    move("close", { vault: -10_800_007n, engineer: 10_800_007n }),
  ]);
  expect(account).toMatchObject({ deposited: 10_800_000n, refunded: 10_800_000n, fee: 0n, proven: true });
});

test("an engineer who hires from itself gets its share as a supplier, and the rest as refund", () => {
  const account = accountOf({ ...escrow, leases: [lease(0, "engineer")], seconds: [100] }, [
    opened,
    move("settle", { vault: -10_800_000n, engineer: 10_798_000n, treasury: 2_000n }),
  ]);
  expect(account).toMatchObject({ refunded: 10_700_000n, proven: true });
  expect(account.payouts[0]?.paid).toBe(98_000n);
});

test("other transfers in the same transaction are told apart from a clean proof", () => {
  const account = accountOf(escrow, [
    opened,
    move("settle", {
      vault: -10_800_000n,
      dc: 1n,
      miner: 68_600n,
      treasury: 5_000n,
      engineer: 10_550_000n,
      friend: 176_399n,
    }),
  ]);
  expect(account.proven).toBe(false);
});

test("an escrow that has not given out all that it got is not accounted for", () => {
  expect(() => accountOf(escrow, [opened])).toThrow("has given out 0");
  expect(() => accountOf(escrow, [])).toThrow("got 0");
  const some = move("settle", { vault: -10_799_999n, engineer: 10_799_999n });
  expect(() => accountOf(escrow, [opened, some])).toThrow("has given out 10799999");
});

test("in SOL the rent that passes through the escrow, and gifts, are told apart from the deposit", () => {
  const native = { ...escrow, mint: NATIVE_SOL, leases: [lease(0, "dc")], seconds: [100] };
  const account = accountOf(native, [
    move("open", { engineer: -13_000_000n, vault: 13_000_000n }),
    move("gift", { friend: -7n, vault: 7n }),
    move("settle", { vault: -13_000_007n, dc: 98_000n, treasury: 2_000n, engineer: 12_900_007n }),
  ]);
  expect(account).toMatchObject({ deposited: 10_800_000n, refunded: 10_700_000n, fee: 2_000n, proven: true });
  expect(account.payouts[0]?.paid).toBe(98_000n);
});

const settled = move("settle", {
  vault: -10_800_000n,
  dc: 176_400n,
  miner: 68_600n,
  treasury: 5_000n,
  engineer: 10_550_000n,
});

test("the network's own transactions account for an escrow without any of the others", () => {
  expect(ownAccountOf(escrow, [settled])).toEqual(accountOf(escrow, [opened, settled]));
});

test("what others have settled, collected or added is not accounted for by the network's own transactions", () => {
  const rest = { miner: 68_600n, treasury: 4_000n, engineer: 10_550_000n };
  const collected = move("end", { vault: -10_750_000n, dc: 127_400n, ...rest });
  expect(ownAccountOf(escrow, [collected])).toBeNull();
  const given = move("end", { ...Object.fromEntries(settled.changes), vault: -10_800_001n });
  expect(ownAccountOf(escrow, [given])).toBeNull();
  expect(ownAccountOf(escrow, [])).toBeNull();
  // In SOL the rent could hide what a supplier has collected by itself: the wallets show it.
  const native = { ...escrow, mint: NATIVE_SOL };
  expect(
    ownAccountOf(native, [move("end", { ...Object.fromEntries(collected.changes), vault: -13_000_000n })]),
  ).toBeNull();
});
