import { collectInstruction, type EscrowState, tokenAccountOf } from "@ionet/chain";
import { AccountRole, type Address, address, generateKeyPairSigner, type KeyPairSigner } from "@solana/kit";
import { AccountState } from "@solana-program/token";
import { beforeEach, describe, expect, it } from "vitest";
import { withAccount } from "../../testing/change-instruction.ts";
import { refusal, run } from "../../testing/run.ts";
import { advance } from "../../testing/svm.ts";
import { putMint, putTokens, remove, tokensAt } from "../../testing/tokens.ts";
import { change, close, lease, newWorld, open, settle, tokensOf, type World } from "./world.ts";

const [WALLET, ESCROW, VAULT, DESTINATION, NETWORK, TOKEN_PROGRAM] = [0, 1, 2, 3, 4, 5] as const;

let world: World;
let escrow: EscrowState;
let supplier: KeyPairSigner;
let elsewhere: Address;

/** A supplier with two leases, whose token account is gone, is owed 2 × 98,000. */
beforeEach(async () => {
  world = await newWorld();
  supplier = await world.newSigner();
  const terms = { supplier: supplier.address };
  escrow = await open(world, [await lease(world, terms), await lease(world), await lease(world, terms)]);
  advance(world.svm, 100);
  await settle(world, escrow, [100, 100, 100]);
  elsewhere = await putTokens(world.svm, {
    ...{ mint: world.usdc, wallet: world.stranger.address, at: (await generateKeyPairSigner()).address },
  });
});

type Change = Partial<Parameters<typeof collectInstruction>[0]>;
const collection = (terms: Change = {}) =>
  collectInstruction({ wallet: supplier, escrow, destination: elsewhere, ...terms });
const attempt = async (terms: Change = {}) =>
  await refusal(run(world.svm, world.stranger, [await collection(terms)]));

describe("collecting", () => {
  it("pays a wallet what all its leases are owed, to the account it names, once", async () => {
    const collected = await change(world, escrow, await collection());
    expect(collected.leases.map(({ paid }) => paid)).toEqual([98_000n, 98_000n, 98_000n]);
    expect(tokensAt(world.svm, elsewhere)).toBe(196_000n);
    expect(await attempt()).toBe("NothingOwed");
    expect(tokensAt(world.svm, elsewhere)).toBe(196_000n);
  });

  it("goes to the wallet's own account where none is named", async () => {
    await putTokens(world.svm, { mint: world.usdc, wallet: supplier.address });
    await run(world.svm, world.stranger, [await collectInstruction({ wallet: supplier, escrow })]);
    expect(await tokensOf(world, supplier.address)).toBe(196_000n);
  });

  it("is still there after the end, and frees the escrow to close", async () => {
    await settle(world, escrow, [100, 100, 100], { final: true });
    expect(await close(world, escrow)).toMatchObject({ remainder: 196_000n });
    await change(world, escrow, await collection());
    expect(await close(world, escrow)).toBeNull();
  });

  it("pays the treasury its fee the same way", async () => {
    remove(world.svm, await tokenAccountOf(world.treasury, world.usdc));
    advance(world.svm, 100);
    await settle(world, escrow, [100, 200, 100]);
    const collected = await change(world, escrow, await collection({ wallet: world.treasuryKey }));
    expect(collected.fees).toBe(8_000n);
    expect(collected.fees).toBe(collected.feesEarned);
    expect(tokensAt(world.svm, elsewhere)).toBe(2_000n);
  });

  it("is nobody else's", async () => {
    for (const wallet of [world.stranger, world.engineer, world.meter, world.upgradeAuthority]) {
      expect(await attempt({ wallet })).toBe("NothingOwed");
    }
    const unsigned = withAccount(await collection(), WALLET, { role: AccountRole.READONLY });
    expect(await refusal(run(world.svm, world.stranger, [unsigned]))).toBe("MissingSignature");
  });

  it("goes to accounts of the escrow's mint only, that can take it, and never back into a vault", async () => {
    const otherMint = (await generateKeyPairSigner()).address;
    putMint(world.svm, otherMint);
    const ofOther = await putTokens(world.svm, { mint: otherMint, wallet: supplier.address });
    const missing = (await generateKeyPairSigner()).address;
    for (const destination of [
      ofOther,
      missing,
      escrow.vault,
      escrow.address,
      supplier.address,
      world.usdc,
    ]) {
      expect(await attempt({ destination })).toBe("WrongDestination");
    }
    const wallet = world.stranger.address;
    await putTokens(world.svm, { mint: world.usdc, wallet, at: elsewhere, state: AccountState.Frozen });
    expect(await attempt()).toBe("DestinationUnavailable");
    const readonly = withAccount(await collection(), DESTINATION, { role: AccountRole.READONLY });
    expect(await refusal(run(world.svm, world.stranger, [readonly]))).toBe("DestinationUnavailable");
  });

  it("takes no other escrow, vault, network or token program", async () => {
    const other = await open(world, [await lease(world, { supplier: supplier.address })], 2n);
    const cases: [number, Address, string][] = [
      [ESCROW, other.address, "WrongVault"],
      [ESCROW, escrow.vault, "WrongEscrow"],
      [VAULT, other.vault, "WrongVault"],
      [NETWORK, escrow.address, "WrongNetwork"],
      [TOKEN_PROGRAM, address("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb"), "WrongTokenProgram"],
    ];
    for (const [position, wrong, reason] of cases) {
      const attacked = withAccount(await collection(), position, { address: wrong });
      expect(await refusal(run(world.svm, world.stranger, [attacked]))).toBe(reason);
    }
  });
});
