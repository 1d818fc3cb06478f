import {
  type EscrowState,
  escrowAddress,
  networkAddress,
  settleAgreedInstruction,
  stopInstruction,
  tokenAccountOf,
} from "@ionet/chain";
import { AccountRole, address, type KeyPairSigner } from "@solana/kit";
import { beforeEach, describe, expect, it } from "vitest";
import { withAccount } from "../../testing/change-instruction.ts";
import { refusal, run } from "../../testing/run.ts";
import { advance } from "../../testing/svm.ts";
import { putTokens, remove } from "../../testing/tokens.ts";
import { change, close, lease, newWorld, open, settle, tokensOf, type World } from "./world.ts";

const [ENGINEER, SUPPLIER, ESCROW, VAULT, NETWORK, SUPPLIER_TOKENS, TREASURY, TOKEN_PROGRAM] = [
  0, 1, 2, 3, 4, 5, 6, 7,
] as const;

let world: World;
let escrow: EscrowState;
let supplier: KeyPairSigner;
beforeEach(async () => {
  world = await newWorld();
  supplier = await world.newSigner();
  await putTokens(world.svm, { mint: world.usdc, wallet: supplier.address });
  escrow = await open(world, [await lease(world, { supplier: supplier.address }), await lease(world)]);
  advance(world.svm, 100);
});

type Change = Partial<Parameters<typeof settleAgreedInstruction>[0]>;
const agreement = (terms: Change = {}) =>
  settleAgreedInstruction({
    ...{ engineer: world.engineer, supplier, escrow, lease: 0, seconds: 80, treasury: world.treasury },
    ...terms,
  });
const attempt = async (terms: Change = {}) =>
  await refusal(run(world.svm, world.stranger, [await agreement(terms)]));

describe("settling by agreement", () => {
  it("pays one lease what engineer and supplier both sign for, and the fee; no other lease moves", async () => {
    const paid = await change(world, escrow, await agreement());
    expect(paid.leases[0]).toMatchObject({ seconds: 80, paid: 78_400n, fee: 1_600n });
    expect(paid.leases[1]).toEqual(escrow.leases[1]);
    expect(paid).toMatchObject({ paid: 78_400n, fees: 1_600n });
    expect(await tokensOf(world, supplier.address)).toBe(78_400n);
  });

  it("counts the same seconds once, and a meter's reading goes on from them", async () => {
    const once = await change(world, escrow, await agreement());
    expect(await change(world, escrow, await agreement())).toEqual(once);
    await settle(world, escrow, [90, 0]);
    expect(await tokensOf(world, supplier.address)).toBe(88_200n);
  });

  it("stays within what has passed and the budget, and never shrinks", async () => {
    expect(await attempt({ seconds: 101 })).toBe("WrongSeconds");
    expect(await attempt({ seconds: 2 ** 32 - 1 })).toBe("WrongSeconds");
    expect(await attempt({ seconds: 100 })).toBe("accepted");
    expect(await attempt({ seconds: 99 })).toBe("WrongSeconds");
    advance(world.svm, 10_000);
    expect(await attempt({ seconds: 3_601 })).toBe("WrongSeconds");
    expect(await attempt({ seconds: 3_600 })).toBe("accepted");
  });

  it("works after a stop, for the time before, and not after a final reading", async () => {
    await run(world.svm, world.stranger, [await stopInstruction({ engineer: world.engineer, escrow })]);
    advance(world.svm, 1_000);
    expect(await attempt({ seconds: 101 })).toBe("WrongSeconds");
    expect(await attempt({ seconds: 90 })).toBe("accepted");
    await settle(world, escrow, [90, 0], { final: true });
    expect(await attempt({ seconds: 100 })).toBe("AlreadyFinal");
  });

  it("books what a missing account can't take now, for it to collect", async () => {
    remove(world.svm, await tokenAccountOf(supplier.address, world.usdc));
    const booked = await change(world, escrow, await agreement());
    expect(booked.leases[0]).toMatchObject({ seconds: 80, gross: 80_000n, paid: 0n });
    expect(booked.fees).toBe(1_600n);
  });

  it("needs both signatures, of this escrow's engineer and of this lease's supplier", async () => {
    const by = async (position: number, to: Parameters<typeof withAccount>[2]) =>
      await refusal(run(world.svm, world.stranger, [withAccount(await agreement(), position, to)]));
    expect(await by(ENGINEER, { role: AccountRole.READONLY })).toBe("MissingSignature");
    expect(await by(SUPPLIER, { role: AccountRole.READONLY })).toBe("MissingSignature");
    expect(await attempt({ engineer: world.stranger })).toBe("WrongEngineer");
    expect(await attempt({ engineer: supplier })).toBe("WrongEngineer");
    expect(await attempt({ supplier: world.stranger })).toBe("NotThisLeasesSupplier");
    expect(await attempt({ supplier: world.engineer })).toBe("NotThisLeasesSupplier");
    expect(await attempt({ lease: 1 })).toBe("NotThisLeasesSupplier");
    expect(await attempt({ lease: 2 })).toBe("UnknownLease");
  });

  it("takes no other escrow, vault, network, destination, treasury or token program", async () => {
    const other = await open(world, [await lease(world)], 2n);
    const strangers = await putTokens(world.svm, { mint: world.usdc, wallet: world.stranger.address });
    const cases: [number, ReturnType<typeof address>, string][] = [
      [ESCROW, other.address, "WrongOpening"],
      [ESCROW, escrow.vault, "WrongEscrow"],
      [VAULT, other.vault, "WrongVault"],
      [NETWORK, escrow.address, "WrongNetwork"],
      [SUPPLIER_TOKENS, strangers, "WrongDestination"],
      [SUPPLIER_TOKENS, escrow.vault, "WrongDestination"],
      [TREASURY, strangers, "WrongTreasury"],
      [TREASURY, await networkAddress(), "WrongTreasury"],
      [TOKEN_PROGRAM, address("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb"), "WrongTokenProgram"],
    ];
    for (const [position, wrong, reason] of cases) {
      const attacked = withAccount(await agreement(), position, { address: wrong });
      expect(await refusal(run(world.svm, world.stranger, [attacked]))).toBe(reason);
    }
  });

  it("is worth nothing for a later escrow at the same address", async () => {
    const old = await agreement();
    await close(world, await settle(world, escrow, [0, 0], { final: true }));
    advance(world.svm, 1);
    const again = await open(world, [await lease(world, { supplier: supplier.address })]);
    expect(again.address).toBe(await escrowAddress(world.engineer.address, 1n));
    advance(world.svm, 100);
    expect(await refusal(run(world.svm, world.stranger, [old]))).toBe("WrongOpening");
  });
});
