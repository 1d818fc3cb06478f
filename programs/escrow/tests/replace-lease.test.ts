import {
  type EscrowState,
  endLeaseInstruction,
  registerSupplierInstruction,
  replaceLeaseInstruction,
  stopInstruction,
  supplierAddress,
} from "@ionet/chain";
import { AccountRole, type KeyPairSigner } from "@solana/kit";
import { beforeEach, describe, expect, it } from "vitest";
import { withAccount } from "../../testing/change-instruction.ts";
import { refusal, run } from "../../testing/run.ts";
import { advance, now } from "../../testing/svm.ts";
import { putTokens } from "../../testing/tokens.ts";
import { change, close, lease, newWorld, open, settle, tokensOf, type World } from "./world.ts";

let world: World;
let escrow: EscrowState;
let newcomer: KeyPairSigner;

async function newRegistered(): Promise<KeyPairSigner> {
  const wallet = await world.newSigner();
  await putTokens(world.svm, { mint: world.usdc, wallet: wallet.address });
  await run(world.svm, world.stranger, [
    await registerSupplierInstruction({ payer: world.stranger, wallet }),
  ]);
  return wallet;
}

beforeEach(async () => {
  world = await newWorld();
  newcomer = await newRegistered();
  escrow = await open(world, [await lease(world), await lease(world)], 1n, {
    delegate: world.delegate.address,
  });
  advance(world.svm, 100);
  escrow = await change(world, escrow, endLeaseInstruction({ signer: world.delegate, escrow, lease: 0 }));
});

type Change = Partial<Parameters<typeof replaceLeaseInstruction>[0]>;
const replacement = (terms: Change = {}) =>
  replaceLeaseInstruction({
    ...{ delegate: world.delegate, escrow, lease: 0, supplier: newcomer.address },
    ...{ ratePerHour: 3_600_000n, maxSeconds: 3_500, ...terms },
  });
const attempt = async (terms: Change = {}) =>
  await refusal(run(world.svm, world.stranger, [await replacement(terms)]));

describe("replacing a lease", () => {
  it("puts another supplier in an ended one's place, from now and within what it left over", async () => {
    advance(world.svm, 20);
    const replaced = await change(world, escrow, await replacement());
    expect(replaced.leases).toHaveLength(3);
    expect(replaced.leases[0]).toMatchObject({ replaced: true });
    expect(replaced.leases[2]).toMatchObject({
      ...{
        supplier: newcomer.address,
        ratePerHour: 3_600_000n,
        maxSeconds: 3_500,
        startedAt: now(world.svm),
      },
      ...{ endedAt: null, seconds: 0, paid: 0n },
    });
    advance(world.svm, 200);
    await settle(world, replaced, [100, 320, 200]);
    expect(await tokensOf(world, newcomer.address)).toBe(196_000n);
  });

  it("leaves the old one's supplier what it earned, read late", async () => {
    const replaced = await change(world, escrow, await replacement());
    const [old] = replaced.leases;
    if (old === undefined) throw new Error("no lease");
    await settle(world, replaced, [{ index: 0, seconds: 1_000 }]);
    expect(await tokensOf(world, old.supplier)).toBe(98_000n);
  });

  it("stays within the old one's rate and rest", async () => {
    expect(await attempt({ ratePerHour: 3_600_001n, maxSeconds: 1 })).toBe("RateTooHigh");
    expect(await attempt({ maxSeconds: 3_501 })).toBe("BudgetTooHigh");
    expect(await attempt({ ratePerHour: 1_800_000n, maxSeconds: 7_001 })).toBe("BudgetTooHigh");
    expect(await attempt({ ratePerHour: 1_800_000n, maxSeconds: 7_000 })).toBe("accepted");
  });

  it("leaves the minimum bill of the old one untouched", async () => {
    escrow = await open(world, [await lease(world)], 2n, { delegate: world.delegate.address });
    advance(world.svm, 5);
    escrow = await change(world, escrow, endLeaseInstruction({ signer: world.delegate, escrow, lease: 0 }));
    expect(await attempt({ maxSeconds: 3_541 })).toBe("BudgetTooHigh");
    expect(await attempt({ maxSeconds: 3_540 })).toBe("accepted");
  });

  it("never draws on what the engineer keeps beyond the budgets", async () => {
    escrow = await open(world, [await lease(world)], 2n, {
      ...{ delegate: world.delegate.address, deposit: 10n ** 9n },
    });
    escrow = await change(world, escrow, endLeaseInstruction({ signer: world.delegate, escrow, lease: 0 }));
    expect(await attempt({ maxSeconds: 3_541 })).toBe("BudgetTooHigh");
  });

  it("happens once for an ended lease, and again for the replacement when that has ended", async () => {
    expect(await attempt({ maxSeconds: 1_000 })).toBe("accepted");
    expect(await attempt({ maxSeconds: 1_000 })).toBe("AlreadyReplaced");
    expect(await attempt({ lease: 2, maxSeconds: 1 })).toBe("LeaseNotEnded");
    advance(world.svm, 100);
    await run(world.svm, world.stranger, [endLeaseInstruction({ signer: world.delegate, escrow, lease: 2 })]);
    expect(await attempt({ lease: 2, maxSeconds: 901 })).toBe("BudgetTooHigh");
    expect(await attempt({ lease: 2, maxSeconds: 900 })).toBe("accepted");
  });

  it("has as much room as was paid for at the opening", async () => {
    escrow = await open(world, [await lease(world)], 2n, {
      delegate: world.delegate.address,
      spareLeases: 0,
    });
    escrow = await change(world, escrow, endLeaseInstruction({ signer: world.delegate, escrow, lease: 0 }));
    expect(await attempt({ maxSeconds: 1 })).toBe("NoRoom");
  });

  it("takes ended leases only, that the escrow has, and terms that say something", async () => {
    expect(await attempt({ lease: 1 })).toBe("LeaseNotEnded");
    expect(await attempt({ lease: 2 })).toBe("UnknownLease");
    expect(await attempt({ lease: 255 })).toBe("UnknownLease");
    expect(await attempt({ ratePerHour: 0n })).toBe("WrongLease");
    expect(await attempt({ maxSeconds: 0 })).toBe("WrongLease");
  });

  it("is over once the escrow is stopped or final", async () => {
    const stopped = await open(world, [await lease(world)], 2n, { delegate: world.delegate.address });
    await run(world.svm, world.stranger, [
      await stopInstruction({ engineer: world.engineer, escrow: stopped }),
    ]);
    expect(await attempt({ escrow: stopped, maxSeconds: 1 })).toBe("NotRunning");
    await settle(world, escrow, [0, 0], { final: true });
    expect(await attempt({ maxSeconds: 1 })).toBe("NotRunning");
  });

  it("is the named delegate's alone; where none was named, nobody's", async () => {
    for (const delegate of [world.engineer, world.stranger, world.meter, newcomer]) {
      expect(await attempt({ delegate })).toBe("WrongDelegate");
    }
    const unsigned = withAccount(await replacement(), 0, { role: AccountRole.READONLY });
    expect(await refusal(run(world.svm, world.stranger, [unsigned]))).toBe("MissingSignature");
    const nobodys = await open(world, [await lease(world)], 2n, { spareLeases: 1 });
    await run(world.svm, world.stranger, [
      endLeaseInstruction({ signer: world.engineer, escrow: nobodys, lease: 0 }),
    ]);
    expect(await attempt({ escrow: nobodys, maxSeconds: 1 })).toBe("WrongDelegate");
  });

  it("brings in registered suppliers only", async () => {
    const unregistered = await world.newSigner();
    expect(await attempt({ supplier: unregistered.address })).toBe("WrongSupplier");
    for (const wrong of [escrow.address, escrow.vault, newcomer.address]) {
      const attacked = withAccount(await replacement(), 2, { address: wrong });
      expect(await refusal(run(world.svm, world.stranger, [attacked]))).toBe("WrongSupplier");
    }
    const copy = world.svm.getAccount(await supplierAddress(newcomer.address));
    if (!copy.exists) throw new Error("not registered");
    const fake = (await world.newSigner()).address;
    world.svm.setAccount({ ...copy, address: fake, programAddress: world.usdc });
    const attacked = withAccount(await replacement(), 2, { address: fake });
    expect(await refusal(run(world.svm, world.stranger, [attacked]))).toBe("WrongSupplier");
  });

  it("is worth nothing for a later escrow at the same address", async () => {
    const old = await replacement();
    await close(world, await settle(world, escrow, [0, 0], { final: true }));
    advance(world.svm, 1);
    const again = await open(world, [await lease(world)], 1n, { delegate: world.delegate.address });
    await run(world.svm, world.stranger, [
      endLeaseInstruction({ signer: world.delegate, escrow: again, lease: 0 }),
    ]);
    expect(await refusal(run(world.svm, world.stranger, [old]))).toBe("WrongOpening");
  });

  it("is known to a final reading, which must name the new lease too", async () => {
    const replaced = await change(world, escrow, await replacement());
    expect(await refusal(settle(world, escrow, [100, 100], { final: true }))).toBe("FinalReadingIncomplete");
    await settle(world, replaced, [100, 100, 60], { final: true });
    expect(await close(world, escrow)).toBeNull();
  });
});

describe("registering a supplier", () => {
  it("needs the wallet's own signature, its own address, and happens once", async () => {
    const wallet = await world.newSigner();
    const instruction = await registerSupplierInstruction({ payer: world.stranger, wallet });
    const by = (attacked: typeof instruction) => refusal(run(world.svm, world.stranger, [attacked]));
    expect(await by(withAccount(instruction, 1, { role: AccountRole.READONLY }))).toBe("MissingSignature");
    const others = await supplierAddress(world.engineer.address);
    expect(await by(withAccount(instruction, 2, { address: others }))).toBe("WrongAddress");
    expect(await by(instruction)).toBe("accepted");
    expect(await by(instruction)).toBe("AlreadyRegistered");
  });
});
