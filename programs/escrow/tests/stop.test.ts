import {
  type EscrowState,
  endLeaseInstruction,
  escrowAddress,
  stopInstruction,
  tokenAccountOf,
} from "@ionet/chain";
import { AccountRole, type Address, address } from "@solana/kit";
import { AccountState } from "@solana-program/token";
import { beforeEach, describe, expect, it } from "vitest";
import { withAccount } from "../../testing/change-instruction.ts";
import { refusal, run } from "../../testing/run.ts";
import { advance, now } from "../../testing/svm.ts";
import { putTokens, remove, tokensAt } from "../../testing/tokens.ts";
import { change, close, escrowOf, lease, newWorld, open, settle, tokensOf, type World } from "./world.ts";

const [ENGINEER, ESCROW, VAULT, ENGINEER_TOKENS, TOKEN_PROGRAM] = [0, 1, 2, 3, 4] as const;
const PURSE = 2n ** 62n;

let world: World;
let escrow: EscrowState;
let supplier: Address;
beforeEach(async () => {
  world = await newWorld();
  const terms = await lease(world);
  supplier = terms.supplier;
  escrow = await open(world, [terms, await lease(world)], 1n, { delegate: world.delegate.address });
  advance(world.svm, 100);
});

const purse = () => tokensOf(world, world.engineer.address);
const stop = async () =>
  await change(world, escrow, await stopInstruction({ engineer: world.engineer, escrow }));
const attempt = async (position: number, with_: Parameters<typeof withAccount>[2]) => {
  const instruction = await stopInstruction({ engineer: world.engineer, escrow });
  return await refusal(run(world.svm, world.stranger, [withAccount(instruction, position, with_)]));
};

describe("stopping", () => {
  it("ends every lease now and returns at once what none can have earned", async () => {
    const stopped = await stop();
    expect(stopped).toMatchObject({ status: "stopped", refunded: 7_000_000n, remainder: 200_000n });
    expect(stopped.leases.map(({ endedAt }) => endedAt)).toEqual([now(world.svm), now(world.svm)]);
    expect(await purse()).toBe(PURSE - 200_000n);
  });

  it("leaves the minimum bill for leases that ran shorter", async () => {
    const second = await open(world, [await lease(world), await lease(world, { maxSeconds: 30 })], 2n);
    advance(world.svm, 5);
    escrow = second;
    expect(await stop()).toMatchObject({ refunded: 3_540_000n, remainder: 90_000n });
  });

  it("returns also what was deposited beyond every budget", async () => {
    escrow = await open(world, [await lease(world)], 2n, { deposit: 5_000_000n });
    advance(world.svm, 100);
    expect(await stop()).toMatchObject({ refunded: 4_900_000n, remainder: 100_000n });
  });

  it("counts what was paid before", async () => {
    await settle(world, escrow, [40, 100]);
    const stopped = await stop();
    expect(stopped).toMatchObject({ paid: 137_200n, fees: 2_800n, refunded: 7_000_000n, remainder: 60_000n });
  });

  it("lets readings count for the time before, never for the time after; the final one gives the rest free", async () => {
    await stop();
    advance(world.svm, 500);
    expect((await settle(world, escrow, [1_000, 90])).leases.map(({ seconds }) => seconds)).toEqual([
      100, 90,
    ]);
    await settle(world, escrow, [100, 90], { final: true });
    expect(await close(world, escrow)).toBeNull();
    expect(await purse()).toBe(PURSE - 190_000n);
    expect(await tokensOf(world, supplier)).toBe(98_000n);
  });

  it("makes the rest anybody's to release 24 hours later, whatever the budgets were", async () => {
    await stop();
    advance(world.svm, 86_399);
    expect(await refusal(close(world, escrow))).toBe("NotFinal");
    advance(world.svm, 1);
    expect(await close(world, escrow)).toBeNull();
    expect(await purse()).toBe(PURSE);
  });

  it("may be said again: nothing is returned twice", async () => {
    const once = await stop();
    advance(world.svm, 10);
    expect(await stop()).toEqual(once);
    expect(await purse()).toBe(PURSE - 200_000n);
  });

  it("stops even when the engineer's account is gone; stopping again returns the money to it", async () => {
    const wallet = world.engineer.address;
    remove(world.svm, await tokenAccountOf(wallet, world.usdc));
    expect(await stop()).toMatchObject({ status: "stopped", refunded: 0n, remainder: 7_200_000n });
    await putTokens(world.svm, { mint: world.usdc, wallet, state: AccountState.Frozen });
    expect(await stop()).toMatchObject({ refunded: 0n });
    await putTokens(world.svm, { mint: world.usdc, wallet });
    expect(await stop()).toMatchObject({ refunded: 7_000_000n });
    expect(await purse()).toBe(7_000_000n);
  });

  it("leaves strangers' donations in the vault, and the books untouched by them", async () => {
    await putTokens(world.svm, { mint: world.usdc, wallet: escrow.address, amount: 7_200_123n });
    expect(await stop()).toMatchObject({ refunded: 7_000_000n, remainder: 200_000n });
    expect(tokensAt(world.svm, escrow.vault)).toBe(200_123n);
  });

  it("is the engineer's alone", async () => {
    const role = AccountRole.READONLY;
    expect(await attempt(ENGINEER, { role })).toBe("MissingSignature");
    for (const signer of [world.stranger, world.delegate, world.meter, world.upgradeAuthority]) {
      const byOther = await stopInstruction({ engineer: signer, escrow });
      expect(await refusal(run(world.svm, world.stranger, [byOther]))).toBe("WrongEngineer");
    }
    expect(escrowOf(world, escrow.address)).toEqual(escrow);
  });

  it("takes no other escrow, vault, token program or refund account", async () => {
    const other = await open(world, [await lease(world)], 2n);
    const strangers = await putTokens(world.svm, { mint: world.usdc, wallet: world.stranger.address });
    expect(await attempt(ESCROW, { address: other.address })).toBe("WrongOpening");
    expect(await attempt(ESCROW, { address: world.engineer.address })).toBe("WrongEscrow");
    expect(await attempt(ESCROW, { role: AccountRole.READONLY })).toBe("WrongEscrow");
    expect(await attempt(VAULT, { address: other.vault })).toBe("WrongVault");
    expect(await attempt(ENGINEER_TOKENS, { address: strangers })).toBe("WrongRefundAccount");
    expect(await attempt(ENGINEER_TOKENS, { address: escrow.vault })).toBe("WrongRefundAccount");
    const token2022 = address("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb");
    expect(await attempt(TOKEN_PROGRAM, { address: token2022 })).toBe("WrongTokenProgram");
  });

  it("is worth nothing for a later escrow at the same address", async () => {
    const old = await stopInstruction({ engineer: world.engineer, escrow });
    await close(world, await settle(world, escrow, [0, 0], { final: true }));
    advance(world.svm, 1);
    const again = await open(world, [await lease(world)]);
    expect(again.address).toBe(await escrowAddress(world.engineer.address, 1n));
    expect(await refusal(run(world.svm, world.stranger, [old]))).toBe("WrongOpening");
  });
});

describe("ending one lease", () => {
  const end = (signer: World["engineer"], position = 0) =>
    endLeaseInstruction({ signer, escrow, lease: position });

  it("is the engineer's or the delegate's to do, and touches no other lease", async () => {
    const one = await change(world, escrow, end(world.delegate));
    expect(one.leases.map(({ endedAt }) => endedAt)).toEqual([now(world.svm), null]);
    advance(world.svm, 50);
    const both = await change(world, escrow, end(world.engineer, 1));
    expect(both.leases.map(({ endedAt }) => endedAt)).toEqual([now(world.svm) - 50, now(world.svm)]);
    expect((await settle(world, escrow, [150, 150])).leases.map(({ seconds }) => seconds)).toEqual([
      100, 150,
    ]);
  });

  it("is refused to anybody else, for leases that are not there, and twice", async () => {
    const attemptBy = async (instruction: Parameters<typeof run>[2][number]) =>
      await refusal(run(world.svm, world.stranger, [instruction]));
    expect(await attemptBy(end(world.stranger))).toBe("WrongDelegate");
    expect(await attemptBy(withAccount(end(world.engineer), 0, { role: AccountRole.READONLY }))).toBe(
      "MissingSignature",
    );
    expect(await attemptBy(end(world.engineer, 2))).toBe("UnknownLease");
    expect(await attemptBy(withAccount(end(world.engineer), 1, { address: escrow.vault }))).toBe(
      "WrongEscrow",
    );
    expect(await attemptBy(end(world.engineer))).toBe("accepted");
    expect(await attemptBy(end(world.engineer))).toBe("LeaseEnded");
    await stop();
    expect(await attemptBy(end(world.engineer, 1))).toBe("NotRunning");
  });
});
