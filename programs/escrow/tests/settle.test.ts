import { tokenAccountOf } from "@ionet/chain";
import { lamports } from "@solana/kit";
import { AccountState } from "@solana-program/token";
import { describe, expect, it } from "vitest";
import { advance, now } from "../../testing/svm.ts";
import { putTokens, remove } from "../../testing/tokens.ts";
import { close, lease, newWorld, open, settle, tokensOf, type World } from "./world.ts";

const balanced = (escrow: {
  deposited: bigint;
  paid: bigint;
  fees: bigint;
  refunded: bigint;
  remainder: bigint;
}) => escrow.paid + escrow.fees + escrow.refunded + escrow.remainder === escrow.deposited;

async function running(leases: number, seconds: number) {
  const world = await newWorld();
  const terms = await Promise.all(Array.from({ length: leases }, () => lease(world)));
  const escrow = await open(world, terms);
  advance(world.svm, seconds);
  return { world, escrow, wallets: terms.map(({ supplier }) => supplier) };
}

const balances = (world: World, wallets: readonly Parameters<typeof tokensOf>[1][]) =>
  Promise.all(wallets.map((wallet) => tokensOf(world, wallet)));

describe("settling", () => {
  it("pays every supplier its seconds less the fee, and the fee to the treasury", async () => {
    const world = await newWorld();
    const leases = [await lease(world), await lease(world, { ratePerHour: 7_200_001n })];
    const opened = await open(world, leases);
    advance(world.svm, 100);
    const escrow = await settle(world, opened, [100, 50]);
    // 1000 a second; ⌊7,200,001 × 50 ÷ 3600⌋ = 100,000.
    expect(escrow.leases.map(({ seconds, paid, fee }) => ({ seconds, paid, fee }))).toEqual([
      { seconds: 100, paid: 98_000n, fee: 2_000n },
      { seconds: 50, paid: 98_000n, fee: 2_000n },
    ]);
    expect(escrow).toMatchObject({ paid: 196_000n, fees: 4_000n, refunded: 0n, status: "open" });
    expect(await balances(world, [...leases.map(({ supplier }) => supplier), world.treasury])).toEqual([
      98_000n,
      98_000n,
      4_000n,
    ]);
    expect(balanced(escrow)).toBe(true);
  });

  it("ends with a final reading, after which no reading raises any seconds", async () => {
    const { world, escrow, wallets } = await running(1, 100);
    const ended = await settle(world, escrow, [70], { final: true });
    expect(ended.status).toBe("final");
    expect(ended.leases[0]).toMatchObject({ seconds: 70, endedAt: now(world.svm) });
    advance(world.svm, 500);
    const later = await settle(world, escrow, [90]);
    expect(later.leases[0]).toMatchObject({ seconds: 70, paid: 68_600n, endedAt: ended.leases[0]?.endedAt });
    const again = await settle(world, escrow, [90], { final: true });
    expect(again).toEqual(later);
    expect(await balances(world, wallets)).toEqual([68_600n]);
  });

  it("pays what was earned since the last time and nothing twice", async () => {
    const { world, escrow, wallets } = await running(2, 300);
    await settle(world, escrow, [100, 100]);
    const once = await settle(world, escrow, [200, 100]);
    const twice = await settle(world, escrow, [200, 100]);
    expect(twice).toEqual(once);
    expect(await balances(world, wallets)).toEqual([196_000n, 98_000n]);
  });

  it("takes readings in any order: an older one changes nothing", async () => {
    const { world, escrow, wallets } = await running(2, 300);
    const newer = await settle(world, escrow, [200, 50]);
    const merged = await settle(world, escrow, [100, 80]);
    expect(merged.leases.map(({ seconds }) => seconds)).toEqual([200, 80]);
    expect(await settle(world, escrow, [100, 50])).toEqual(merged);
    expect(newer.leases[0]).toEqual(merged.leases[0]);
    expect(await balances(world, wallets)).toEqual([196_000n, 78_400n]);
  });

  it("takes a reading of some leases", async () => {
    const { world, escrow, wallets } = await running(3, 300);
    const settled = await settle(world, escrow, [
      { index: 0, seconds: 100 },
      { index: 2, seconds: 200 },
    ]);
    expect(settled.leases.map(({ seconds }) => seconds)).toEqual([100, 0, 200]);
    expect(await balances(world, wallets)).toEqual([98_000n, 0n, 196_000n]);
  });

  it("never pays beyond the time that has passed since the lease began", async () => {
    const { world, escrow } = await running(1, 100);
    expect((await settle(world, escrow, [1_000])).leases[0]?.seconds).toBe(100);
    advance(world.svm, 50);
    expect((await settle(world, escrow, [1_000])).leases[0]?.seconds).toBe(150);
  });

  it("never pays beyond the lease's budget", async () => {
    const { world, escrow, wallets } = await running(1, 10_000);
    const settled = await settle(world, escrow, [2 ** 32 - 1]);
    expect(settled.leases[0]?.seconds).toBe(3_600);
    expect(settled.remainder).toBe(0n);
    expect(await balances(world, wallets)).toEqual([3_528_000n]);
  });

  it("pays the minimum bill to a cluster that is stopped after a few seconds, but not more than its budget", async () => {
    const world = await newWorld();
    const short = await lease(world, { maxSeconds: 30 });
    const escrow = await open(world, [await lease(world), short]);
    advance(world.svm, 5);
    const settled = await settle(world, escrow, [90, 90], { final: true });
    expect(settled.leases.map(({ seconds }) => seconds)).toEqual([60, 30]);
  });

  it("gains and loses no unit by splitting", async () => {
    const world = await newWorld();
    const odd = { ratePerHour: 1_234_567n };
    const [split, whole] = [await lease(world, odd), await lease(world, odd)];
    const escrow = await open(world, [split, whole]);
    advance(world.svm, 1_000);
    for (const seconds of [7, 8, 61, 333, 999]) await settle(world, escrow, [{ index: 0, seconds }]);
    const settled = await settle(world, escrow, [999, 999]);
    const [a, b] = settled.leases;
    expect({ paid: a?.paid, fee: a?.fee }).toEqual({ paid: b?.paid, fee: b?.fee });
    expect(settled.fees).toBe(settled.feesEarned);
  });
});

describe("a destination that cannot be paid", () => {
  it("is skipped when it is missing; the others are paid, and it is paid by the same reading once it is there", async () => {
    const { world, escrow, wallets } = await running(2, 100);
    const [absent] = wallets;
    if (absent === undefined) throw new Error("no supplier");
    remove(world.svm, await tokenAccountOf(absent, world.usdc));
    const skipped = await settle(world, escrow, [100, 100], { final: true });
    expect(skipped.leases.map(({ seconds, paid, gross }) => [seconds, paid, gross])).toEqual([
      [100, 0n, 100_000n],
      [100, 98_000n, 100_000n],
    ]);
    expect(skipped.fees).toBe(4_000n);
    await putTokens(world.svm, { mint: world.usdc, wallet: absent });
    const collected = await settle(world, escrow, [100, 100]);
    expect(collected.leases[0]?.paid).toBe(98_000n);
    expect(await balances(world, wallets)).toEqual([98_000n, 98_000n]);
    expect(await close(world, escrow)).toBeNull();
  });

  it("is skipped when it is frozen", async () => {
    const { world, escrow, wallets } = await running(2, 100);
    const [frozen] = wallets;
    if (frozen === undefined) throw new Error("no supplier");
    await putTokens(world.svm, { mint: world.usdc, wallet: frozen, state: AccountState.Frozen });
    await settle(world, escrow, [100, 100]);
    expect(await balances(world, wallets)).toEqual([0n, 98_000n]);
    await putTokens(world.svm, { mint: world.usdc, wallet: frozen });
    await settle(world, escrow, [100, 100]);
    expect(await balances(world, wallets)).toEqual([98_000n, 98_000n]);
  });

  it("is skipped when somebody only sent lamports to its address", async () => {
    const { world, escrow, wallets } = await running(1, 100);
    const [absent] = wallets;
    if (absent === undefined) throw new Error("no supplier");
    const at = await tokenAccountOf(absent, world.usdc);
    remove(world.svm, at);
    world.svm.airdrop(at, lamports(1_000_000n));
    expect((await settle(world, escrow, [100])).leases[0]).toMatchObject({ seconds: 100, paid: 0n });
  });

  it("is skipped when the submitter has no room for it, and collected by the next settlement", async () => {
    const { world, escrow, wallets } = await running(3, 100);
    await settle(world, escrow, [100, 100, 100], { final: true, payLeases: [1] });
    expect(await balances(world, wallets)).toEqual([0n, 98_000n, 0n]);
    await settle(world, escrow, [100, 100, 100], { final: true, payLeases: [0, 2] });
    expect(await balances(world, wallets)).toEqual([98_000n, 98_000n, 98_000n]);
  });

  it("may be the treasury's: the suppliers are paid and the fee follows later", async () => {
    const { world, escrow, wallets } = await running(1, 100);
    remove(world.svm, await tokenAccountOf(world.treasury, world.usdc));
    expect(await settle(world, escrow, [50])).toMatchObject({ paid: 49_000n, fees: 0n, feesEarned: 1_000n });
    await putTokens(world.svm, { mint: world.usdc, wallet: world.treasury });
    expect(await settle(world, escrow, [100])).toMatchObject({
      paid: 98_000n,
      fees: 2_000n,
      feesEarned: 2_000n,
    });
    expect(await balances(world, [...wallets, world.treasury])).toEqual([98_000n, 2_000n]);
  });

  it("holds back neither the others nor more than its share when one supplier has several leases", async () => {
    const world = await newWorld();
    const first = await lease(world);
    const escrow = await open(world, [first, await lease(world, { supplier: first.supplier })]);
    advance(world.svm, 100);
    await settle(world, escrow, [100, 100]);
    expect(await tokensOf(world, first.supplier)).toBe(196_000n);
  });
});
