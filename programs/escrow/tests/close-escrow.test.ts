import { closeEscrowInstruction, type EscrowState, escrowAddress, tokenAccountOf } from "@ionet/chain";
import { type Address, address, generateKeyPairSigner } from "@solana/kit";
import { AccountState } from "@solana-program/token";
import { beforeEach, describe, expect, it } from "vitest";
import { withAccount } from "../../testing/change-instruction.ts";
import { refusal, run } from "../../testing/run.ts";
import { advance } from "../../testing/svm.ts";
import { putTokens, remove, tokensAt } from "../../testing/tokens.ts";
import { close, escrowOf, lease, newWorld, open, opening, settle, tokensOf, type World } from "./world.ts";

const [VAULT, ENGINEER_TOKENS, RENT_PAYER, TOKEN_PROGRAM] = [1, 2, 3, 4];
const PURSE = 2n ** 62n;

let world: World;
let escrow: EscrowState;
let supplier: Address;

beforeEach(async () => {
  world = await newWorld();
  const terms = await lease(world);
  supplier = terms.supplier;
  escrow = await open(world, [terms]);
  advance(world.svm, 100);
});

const purse = () => tokensOf(world, world.engineer.address);
const attempt = async (change?: [number | undefined, Address]) => {
  const instruction = await closeEscrowInstruction({ escrow });
  const attacked =
    change === undefined ? instruction : withAccount(instruction, change[0] ?? 0, { address: change[1] });
  return refusal(run(world.svm, world.stranger, [attacked]));
};

describe("closing an escrow", () => {
  it("returns the rest to the engineer and the rent to who paid it", async () => {
    const terms = [await lease(world)];
    const lamportsBefore = world.svm.getBalance(world.stranger.address) ?? 0n;
    await run(world.svm, world.engineer, [
      await opening(world, terms, { id: 2n, rentPayer: world.stranger }),
    ]);
    const rentPaid = lamportsBefore - (world.svm.getBalance(world.stranger.address) ?? 0n);
    expect(rentPaid).toBeGreaterThan(0n);
    const second = escrowOf(world, await escrowAddress(world.engineer.address, 2n));
    advance(world.svm, 60);
    await settle(world, second, [60], { final: true });
    const beforeClose = world.svm.getBalance(world.stranger.address) ?? 0n;
    await run(world.svm, world.engineer, [await closeEscrowInstruction({ escrow: second })]);
    expect((world.svm.getBalance(world.stranger.address) ?? 0n) - beforeClose).toBe(rentPaid);
    expect(await purse()).toBe(PURSE - 3_600_000n - 60_000n);
    expect(tokensAt(world.svm, second.vault)).toBeNull();
  });

  it("waits for a final reading", async () => {
    expect(await attempt()).toBe("NotFinal");
    await settle(world, escrow, [100]);
    expect(await attempt()).toBe("NotFinal");
    await settle(world, escrow, [100], { final: true });
    expect(await attempt()).toBe("accepted");
  });

  it("is anybody's 24 hours after the last second that could be earned; what was not read stays unpaid", async () => {
    await settle(world, escrow, [70]);
    advance(world.svm, 3_600 - 100 + 86_400 - 1);
    expect(await attempt()).toBe("NotFinal");
    advance(world.svm, 1);
    expect(await attempt()).toBe("accepted");
    expect(await purse()).toBe(PURSE - 70_000n);
    expect(await tokensOf(world, supplier)).toBe(68_600n);
  });

  it("waits for the longest lease", async () => {
    const second = await open(world, [await lease(world), await lease(world, { maxSeconds: 7_200 })], 2n);
    advance(world.svm, 3_600 + 86_400);
    escrow = second;
    expect(await attempt()).toBe("NotFinal");
    advance(world.svm, 3_600);
    expect(await attempt()).toBe("accepted");
  });

  it("gives donated tokens to the engineer", async () => {
    await settle(world, escrow, [100], { final: true });
    await putTokens(world.svm, { mint: world.usdc, wallet: escrow.address, amount: 3_500_000n + 123n });
    expect(await close(world, escrow)).toBeNull();
    expect(await purse()).toBe(PURSE - 100_000n + 123n);
  });

  it("refunds the rest but stays open while a supplier is owed money", async () => {
    const at = await tokenAccountOf(supplier, world.usdc);
    remove(world.svm, at);
    await settle(world, escrow, [100], { final: true });
    const waiting = await close(world, escrow);
    expect(waiting).toMatchObject({ status: "final", refunded: 3_500_000n, remainder: 98_000n });
    expect(await purse()).toBe(PURSE - 100_000n);
    expect(await attempt()).toBe("StillOwed");
    await putTokens(world.svm, { mint: world.usdc, wallet: supplier });
    await settle(world, escrow, [100]);
    expect(await tokensOf(world, supplier)).toBe(98_000n);
    expect(await close(world, escrow)).toBeNull();
    expect(await purse()).toBe(PURSE - 100_000n);
  });

  it("keeps what a supplier is owed also when it is released without a final reading", async () => {
    remove(world.svm, await tokenAccountOf(supplier, world.usdc));
    await settle(world, escrow, [100]);
    advance(world.svm, 3_600 + 86_400);
    expect(await close(world, escrow)).toMatchObject({ status: "final", remainder: 98_000n });
    await putTokens(world.svm, { mint: world.usdc, wallet: supplier });
    await settle(world, escrow, [3_000]);
    expect(await tokensOf(world, supplier)).toBe(98_000n);
  });

  it("never pays the refund to anybody else", async () => {
    await settle(world, escrow, [100], { final: true });
    const strangers = await putTokens(world.svm, { mint: world.usdc, wallet: world.stranger.address });
    const suppliers = await tokenAccountOf(supplier, world.usdc);
    for (const wrong of [strangers, suppliers, escrow.vault, escrow.address]) {
      expect(await attempt([ENGINEER_TOKENS, wrong])).toBe("WrongRefundAccount");
    }
    expect(await purse()).toBe(PURSE - 3_600_000n);
  });

  it("gives the rent to nobody else, and takes no other vault or token program", async () => {
    await settle(world, escrow, [100], { final: true });
    const second = await open(world, [await lease(world)], 2n);
    expect(await attempt([RENT_PAYER, world.stranger.address])).toBe("WrongRentPayer");
    expect(await attempt([VAULT, second.vault])).toBe("WrongVault");
    expect(await attempt([0, second.address])).toBe("WrongVault");
    expect(await attempt([0, (await generateKeyPairSigner()).address])).toBe("WrongEscrow");
    const token2022 = address("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb");
    expect(await attempt([TOKEN_PROGRAM, token2022])).toBe("WrongTokenProgram");
  });

  it("waits when the engineer's account is missing or frozen: the funds stay where they are", async () => {
    await settle(world, escrow, [100], { final: true });
    const wallet = world.engineer.address;
    await putTokens(world.svm, { mint: world.usdc, wallet, state: AccountState.Frozen });
    expect(await attempt()).toBe("RefundAccountUnavailable");
    remove(world.svm, await tokenAccountOf(wallet, world.usdc));
    expect(await attempt()).toBe("RefundAccountUnavailable");
    await putTokens(world.svm, { mint: world.usdc, wallet });
    expect(await attempt()).toBe("accepted");
    expect(await purse()).toBe(3_500_000n);
  });

  it("does not happen in the slot of opening, so no two escrows of an address share their opened slot", async () => {
    const second = await open(world, [await lease(world)], 2n);
    await settle(world, second, [0], { final: true });
    escrow = second;
    expect(await attempt()).toBe("OpenedInThisSlot");
    advance(world.svm, 0);
    expect(await attempt()).toBe("accepted");
  });

  it("happens once", async () => {
    await settle(world, escrow, [100], { final: true });
    expect(await attempt()).toBe("accepted");
    expect(await attempt()).toBe("WrongEscrow");
  });
});
