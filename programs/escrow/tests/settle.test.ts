import { describe, expect, it } from "vitest";
import { advance, now } from "./svm.ts";
import { close, lease, newWorld, open, settle, tokensOf } from "./world.ts";

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
    expect(await Promise.all(leases.map(({ supplier }) => tokensOf(world, supplier)))).toEqual([
      98_000n,
      98_000n,
    ]);
    expect(await tokensOf(world, world.treasury)).toBe(4_000n);
    expect(escrow.deposited).toBe(escrow.paid + escrow.fees + escrow.refunded + escrow.remainder);
  });

  it("ends with a final reading and returns the rest", async () => {
    const world = await newWorld();
    const terms = await lease(world);
    const before = (await tokensOf(world, world.engineer.address)) ?? 0n;
    const opened = await open(world, [terms]);
    advance(world.svm, 100);
    const escrow = await settle(world, opened, [40], { final: true });
    expect(escrow.status).toBe("final");
    expect(escrow.leases[0]).toMatchObject({ seconds: 40, endedAt: now(world.svm) });
    expect(await close(world, escrow)).toBeNull();
    expect(await tokensOf(world, terms.supplier)).toBe(39_200n);
    expect(await tokensOf(world, world.engineer.address)).toBe(before - 40_000n);
  });
});
