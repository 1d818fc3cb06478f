import type { EscrowState } from "@ionet/chain";
import type { Address } from "@solana/kit";
import { beforeEach, describe, expect, it } from "vitest";
import { advance } from "../../testing/svm.ts";
import { attempt, newTarget, pair, readingWith, refused, signed, type Target } from "./attack.ts";
import { close, findEscrow, lease, newSupplier, open, settle, settlement, type World } from "./world.ts";

let target: Target;
let world: World;
let escrow: EscrowState;
let suppliers: Address[];
beforeEach(async () => {
  target = await newTarget();
  ({ world, escrow, suppliers } = target);
});

describe("a settlement is refused", () => {
  it.each([
    ["MalformedReading", 0],
    ["ReadingForAnotherProgram", 16],
    ["ReadingForAnotherNetwork", 48],
    ["ReadingForAnotherChain", 80],
    ["ReadingForAnotherEscrow", 112],
    ["ReadingForAnotherOpening", 144],
    ["MalformedReading", 152],
    ["MalformedReading", 153],
  ])("as %s when byte %i of the reading is another", async (reason, at) => {
    const reading = await readingWith(target, (bytes) => bytes.set([(bytes[at] ?? 0) ^ 2], at));
    expect(await refused(target, ...(await signed(target, reading)))).toBe(reason);
  });

  it("when the reading is for another escrow of the same engineer and suppliers", async () => {
    const other = await open(world, [await lease(world), await lease(world)], 2n);
    const [verification] = await settlement(world, other, [100, 100]);
    const [, settle] = await pair(target);
    if (verification === undefined) throw new Error("no verification");
    expect(await refused(target, verification, settle)).toBe("ReadingForAnotherEscrow");
  });

  it("when the reading names no lease of the escrow, or one twice, or leaves one out of a final reading", async () => {
    const leaseAt = 154;
    const unknown = await readingWith(target, (bytes) => bytes.set([2], leaseAt));
    expect(await refused(target, ...(await signed(target, unknown)))).toBe("UnknownLease");
    const once = await readingWith(target, () => {});
    const twice = new Uint8Array([...once, ...once.subarray(leaseAt)]);
    twice[leaseAt - 1] = 2;
    expect(await refused(target, ...(await signed(target, twice)))).toBe("LeasesOutOfOrder");
    const final = await settlement(world, escrow, [{ index: 0, seconds: 100 }], { final: true });
    expect(await refused(target, ...final)).toBe("FinalReadingIncomplete");
  });
});

describe("a reading of a closed escrow", () => {
  it("pays nothing out of a new escrow at the same address", async () => {
    const old = await settlement(world, escrow, [100, 100]);
    expect(await close(world, await settle(world, escrow, [0, 0], { final: true }))).toBeNull();
    advance(world.svm, 1);
    const [supplier] = suppliers;
    if (supplier === undefined) throw new Error("no supplier");
    const leases = [
      await lease(world, { supplier }),
      await lease(world, { supplier: await newSupplier(world) }),
    ];
    const reopened = await open(world, leases);
    expect(reopened.address).toBe(escrow.address);
    advance(world.svm, 100);
    expect(await attempt(target, ...old)).toBe("ReadingForAnotherOpening");
  });

  it("pays nothing once the escrow is gone", async () => {
    const instructions = await settlement(world, escrow, [100, 100]);
    await close(world, await settle(world, escrow, [0, 0], { final: true }));
    expect(findEscrow(world, escrow.address)).toBeNull();
    expect(await attempt(target, ...instructions)).toBe("WrongEscrow");
  });
});
