import { ESCROW_PROGRAM, type EscrowState, networkAddress, tokenAccountOf } from "@ionet/chain";
import { AccountRole, type Address, address, generateKeyPairSigner } from "@solana/kit";
import { beforeEach, describe, expect, it } from "vitest";
import { withAccount } from "../../testing/change-instruction.ts";
import { putMint, putTokens } from "../../testing/tokens.ts";
import { newTarget, pair, refused, type Target } from "./attack.ts";
import { lease, open, type World } from "./world.ts";

const ESCROW = 0;
const VAULT = 1;
const NETWORK = 2;
const TREASURY = 3;
const TOKEN_PROGRAM = 4;
const FIRST_DESTINATION = 6;

let target: Target;
let world: World;
let escrow: EscrowState;
let suppliers: Address[];
beforeEach(async () => {
  target = await newTarget();
  ({ world, escrow, suppliers } = target);
});

describe("a settlement is refused", () => {
  it("when it names too few destinations or too many", async () => {
    const [verification, settle] = await pair(target);
    const accounts = settle.accounts ?? [];
    expect(await refused(target, verification, { ...settle, accounts: accounts.slice(0, -1) })).toBe(
      "NotEnoughAccounts",
    );
    const more = [...accounts, ...accounts.slice(-1)];
    expect(await refused(target, verification, { ...settle, accounts: more })).toBe("NotEnoughAccounts");
    expect(await refused(target, verification, { ...settle, accounts: accounts.slice(0, 3) })).toBe(
      "NotEnoughAccounts",
    );
  });

  it("when a destination belongs to another wallet, mint or program", async () => {
    const [verification, settle] = await pair(target);
    const to = (destination: Address) => withAccount(settle, FIRST_DESTINATION, { address: destination });
    const strangers = await putTokens(world.svm, { mint: world.usdc, wallet: world.stranger.address });
    expect(await refused(target, verification, to(strangers))).toBe("WrongDestination");
    const otherMint = (await generateKeyPairSigner()).address;
    putMint(world.svm, otherMint);
    const [supplier = world.engineer.address] = suppliers;
    expect(
      await refused(
        target,
        verification,
        to(await putTokens(world.svm, { mint: otherMint, wallet: supplier })),
      ),
    ).toBe("WrongDestination");
    for (const wrong of [
      escrow.address,
      escrow.vault,
      await networkAddress(),
      world.usdc,
      await tokenAccountOf(suppliers[1] ?? supplier, world.usdc),
    ]) {
      expect(await refused(target, verification, to(wrong))).toBe("WrongDestination");
    }
  });

  it("when the fee would go anywhere but to the treasury", async () => {
    const [verification, settle] = await pair(target);
    for (const wrong of [
      await tokenAccountOf(world.engineer.address, world.usdc),
      escrow.vault,
      escrow.address,
    ]) {
      expect(await refused(target, verification, withAccount(settle, TREASURY, { address: wrong }))).toBe(
        "WrongTreasury",
      );
    }
  });

  it("when escrow, vault, network or token program are others", async () => {
    const [verification, settle] = await pair(target);
    const second = await open(world, [await lease(world), await lease(world)], 2n);
    const cases: [number, Address, string][] = [
      [ESCROW, second.address, "ReadingForAnotherEscrow"],
      [ESCROW, await networkAddress(), "WrongEscrow"],
      [ESCROW, world.engineer.address, "WrongEscrow"],
      [ESCROW, escrow.vault, "WrongEscrow"],
      [VAULT, second.vault, "WrongVault"],
      [VAULT, await tokenAccountOf(world.treasury, world.usdc), "WrongVault"],
      [NETWORK, escrow.address, "WrongNetwork"],
      [NETWORK, world.usdc, "WrongNetwork"],
      [TOKEN_PROGRAM, ESCROW_PROGRAM, "WrongTokenProgram"],
      [TOKEN_PROGRAM, address("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb"), "WrongTokenProgram"],
    ];
    for (const [position, wrong, reason] of cases) {
      expect(await refused(target, verification, withAccount(settle, position, { address: wrong }))).toBe(
        reason,
      );
    }
  });

  it("when escrow or vault are not writable", async () => {
    const [verification, settle] = await pair(target);
    expect(
      await refused(target, verification, withAccount(settle, ESCROW, { role: AccountRole.READONLY })),
    ).toBe("WrongEscrow");
    expect(
      await refused(target, verification, withAccount(settle, VAULT, { role: AccountRole.READONLY })),
    ).toBe("WrongVault");
  });

  it("when its data says anything", async () => {
    const [verification, settle] = await pair(target);
    expect(await refused(target, verification, { ...settle, data: new Uint8Array([2, 0]) })).toBe(
      "MalformedInstruction",
    );
    expect(await refused(target, verification, { ...settle, data: new Uint8Array([9]) })).toBe(
      "MalformedInstruction",
    );
    expect(await refused(target, verification, { ...settle, data: new Uint8Array() })).toBe(
      "MalformedInstruction",
    );
  });

  it("when a copy of the escrow's bytes lies in an account of another program", async () => {
    const [verification, settle] = await pair(target);
    const copy = world.svm.getAccount(escrow.address);
    if (!copy.exists) throw new Error("no escrow");
    const fake = (await generateKeyPairSigner()).address;
    world.svm.setAccount({
      ...copy,
      address: fake,
      programAddress: address("11111111111111111111111111111111"),
    });
    expect(await refused(target, verification, withAccount(settle, ESCROW, { address: fake }))).toBe(
      "WrongEscrow",
    );
  });
});
