import { expect, it } from "vitest";
import { advance } from "../../testing/svm.ts";
import { close, lease, newWorld, open, settle, tokensOf } from "./world.ts";

const SUPPLIERS = 256;
const A_TABLE = 50;

it("pays a cluster of 256 suppliers out of six escrows, each in one transaction, as one large escrow would", async () => {
  const world = await newWorld();
  const leases = [];
  // Rates that round differently, so that a unit gained or lost by splitting would show.
  for (let at = 0; at < SUPPLIERS; at++)
    leases.push(await lease(world, { ratePerHour: 1_234_567n + BigInt(at) }));
  const tables = [];
  for (let at = 0; at < SUPPLIERS; at += A_TABLE) tables.push(leases.slice(at, at + A_TABLE));
  expect(tables).toHaveLength(6);
  const escrows = [];
  for (const [position, table] of tables.entries()) {
    escrows.push(await open(world, table, BigInt(position + 1)));
  }
  advance(world.svm, 1_000);
  const delivered = (at: number) => 500 + at;
  for (const [position, escrow] of escrows.entries()) {
    const seconds = escrow.leases.map((_, at) => delivered(position * A_TABLE + at));
    const settled = await settle(world, escrow, seconds, { final: true });
    expect(settled.fees).toBe(settled.feesEarned);
    expect(await close(world, settled)).toBeNull();
  }
  let fees = 0n;
  for (const [at, { supplier, ratePerHour }] of leases.entries()) {
    const gross = (ratePerHour * BigInt(delivered(at))) / 3_600n;
    const fee = (gross * 200n) / 10_000n;
    fees += fee;
    expect(await tokensOf(world, supplier)).toBe(gross - fee);
  }
  expect(await tokensOf(world, world.treasury)).toBe(fees);
});

it("pays the same whether fifty leases are settled at once or in ranges", async () => {
  const world = await newWorld();
  const leases = [];
  for (let at = 0; at < A_TABLE; at++)
    leases.push(await lease(world, { ratePerHour: 999_999n + BigInt(at) }));
  const [whole, split] = [await open(world, leases, 1n), await open(world, leases, 2n)];
  advance(world.svm, 1_000);
  const seconds = leases.map((_, index) => ({ index, seconds: 700 + index }));
  const atOnce = await settle(world, whole, seconds);
  for (let at = 0; at < A_TABLE; at += 13) await settle(world, split, seconds.slice(at, at + 13));
  const inRanges = await settle(world, split, seconds);
  expect(inRanges.leases).toEqual(atOnce.leases);
  expect({ paid: inRanges.paid, fees: inRanges.fees }).toEqual({ paid: atOnce.paid, fees: atOnce.fees });
});
