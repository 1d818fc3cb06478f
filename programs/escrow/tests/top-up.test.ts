import {
  type EscrowState,
  endLeaseInstruction,
  stopInstruction,
  topUpCost,
  topUpInstruction,
} from "@ionet/chain";
import { AccountRole, address } from "@solana/kit";
import { beforeEach, describe, expect, it } from "vitest";
import { withAccount } from "../../testing/change-instruction.ts";
import { refusal, run } from "../../testing/run.ts";
import { advance } from "../../testing/svm.ts";
import { putTokens } from "../../testing/tokens.ts";
import { change, close, lease, newWorld, open, settle, tokensOf, type World } from "./world.ts";

const [PAYER, PAYER_TOKENS, ESCROW, VAULT, MINT, TOKEN_PROGRAM] = [0, 1, 2, 3, 4, 6] as const;

let world: World;
let escrow: EscrowState;
beforeEach(async () => {
  world = await newWorld();
  await putTokens(world.svm, { mint: world.usdc, wallet: world.stranger.address, amount: 10n ** 12n });
  escrow = await open(world, [await lease(world), await lease(world, { ratePerHour: 1_234_567n })]);
  advance(world.svm, 100);
});

type Change = Partial<Parameters<typeof topUpInstruction>[0]>;
const topUp = async (terms: Change = {}) => {
  const { seconds = 600 } = terms;
  const amount = topUpCost({
    escrow,
    seconds,
    ...(terms.leases === undefined ? {} : { leases: terms.leases }),
  });
  return await topUpInstruction({ payer: world.stranger, escrow, seconds, amount, ...terms });
};
const attempt = async (terms: Change = {}) =>
  await refusal(run(world.svm, world.stranger, [await topUp(terms)]));

describe("topping up", () => {
  it("by anybody extends every lease that runs by as much time as it pays for", async () => {
    const topped = await change(world, escrow, await topUp());
    expect(topped.leases.map(({ maxSeconds }) => maxSeconds)).toEqual([4_200, 4_200]);
    expect(topped).toMatchObject({ deposited: 4_834_567n + 600_000n + 205_762n });
    expect(topped.remainder).toBe(topped.deposited);
    expect(await tokensOf(world, world.stranger.address)).toBe(10n ** 12n - 805_762n);
  });

  it("extends the leases it names", async () => {
    const topped = await change(world, escrow, await topUp({ leases: [1] }));
    expect(topped.leases.map(({ maxSeconds }) => maxSeconds)).toEqual([3_600, 4_200]);
  });

  it("pays for what it extends by itself: a stranger can't spend what the engineer keeps in the escrow", async () => {
    escrow = await open(world, [await lease(world)], 2n, { deposit: 10_000_000n });
    expect(await attempt({ amount: 599_999n })).toBe("FundingTooLittle");
    expect(await attempt({ amount: 0n })).toBe("FundingTooLittle");
    expect(await attempt({ amount: 600_000n })).toBe("accepted");
  });

  it("may bring more than it extends; the rest comes back to the engineer", async () => {
    await change(world, escrow, await topUp({ amount: 5_000_000n, seconds: 0 }));
    const before = (await tokensOf(world, world.engineer.address)) ?? 0n;
    await close(world, await settle(world, escrow, [0, 0], { final: true }));
    expect(await tokensOf(world, world.engineer.address)).toBe(before + 4_834_567n + 5_000_000n);
  });

  it("lets seconds beyond the first budget be paid", async () => {
    await change(world, escrow, await topUp());
    advance(world.svm, 10_000);
    expect((await settle(world, escrow, [5_000, 3_700])).leases.map(({ seconds }) => seconds)).toEqual([
      4_200, 3_700,
    ]);
  });

  it("does not wake what has ended or used up its seconds", async () => {
    escrow = await open(world, [await lease(world), await lease(world)], 2n);
    escrow = await change(world, escrow, endLeaseInstruction({ signer: world.engineer, escrow, lease: 0 }));
    expect(await attempt({ leases: [0] })).toBe("LeaseEnded");
    const topped = await change(world, escrow, await topUp());
    expect(topped.leases.map(({ maxSeconds }) => maxSeconds)).toEqual([3_600, 4_200]);
    advance(world.svm, 4_200);
    expect(await attempt({ leases: [1] })).toBe("LeaseEnded");
    await change(world, escrow, await stopInstruction({ engineer: world.engineer, escrow }));
    expect(await attempt()).toBe("NotRunning");
  });

  it("names only leases that the escrow has", async () => {
    expect(await attempt({ leases: [2], amount: 10n ** 9n })).toBe("UnknownLease");
    expect(await attempt({ leases: [1, 63], amount: 10n ** 9n })).toBe("UnknownLease");
  });

  it("computes in wider numbers than it pays in", async () => {
    expect(await attempt({ seconds: 2 ** 32 - 1, amount: 10n ** 9n })).toBe("AmountOverflow");
    expect(await attempt({ amount: 2n ** 64n - 1n })).toBe("AmountOverflow");
    expect(await attempt({ amount: 2n ** 63n })).not.toBe("accepted");
  });

  it("takes no other payer's tokens, escrow, vault, mint or token program, and needs a signature", async () => {
    const instruction = await topUp();
    const with_ = async (position: number, to: Parameters<typeof withAccount>[2]) =>
      await refusal(run(world.svm, world.engineer, [withAccount(instruction, position, to)]));
    const other = await open(world, [await lease(world)], 2n);
    const engineers = await putTokens(world.svm, { mint: world.usdc, wallet: world.engineer.address });
    expect(await with_(PAYER, { role: AccountRole.WRITABLE })).toBe("MissingSignature");
    expect(await with_(PAYER_TOKENS, { address: engineers })).toBe("WrongPayerAccount");
    expect(await with_(PAYER_TOKENS, { address: escrow.vault })).toBe("WrongPayerAccount");
    expect(await with_(ESCROW, { address: other.address })).toBe("WrongOpening");
    expect(await with_(ESCROW, { address: escrow.vault })).toBe("WrongEscrow");
    expect(await with_(VAULT, { address: other.vault })).toBe("WrongVault");
    expect(await with_(MINT, { address: world.treasury })).toBe("WrongMint");
    const token2022 = address("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb");
    expect(await with_(TOKEN_PROGRAM, { address: token2022 })).toBe("WrongTokenProgram");
  });

  it("is worth nothing for a later escrow at the same address", async () => {
    const old = await topUp();
    await close(world, await settle(world, escrow, [0, 0], { final: true }));
    advance(world.svm, 1);
    await open(world, [await lease(world), await lease(world)]);
    expect(await refusal(run(world.svm, world.stranger, [old]))).toBe("WrongOpening");
  });
});
