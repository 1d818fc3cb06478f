import {
  closeEscrowInstruction,
  collectInstruction,
  type EscrowState,
  endLeaseInstruction,
  escrowAddress,
  NATIVE_SOL,
  paymentAccountOf,
  registerSupplierInstruction,
  replaceLeaseInstruction,
  settleAgreedInstruction,
  stopInstruction,
  topUpCost,
  topUpInstruction,
} from "@ionet/chain";
import { AccountRole, type Address, generateKeyPairSigner, type KeyPairSigner, lamports } from "@solana/kit";
import { TOKEN_PROGRAM_ADDRESS } from "@solana-program/token";
import { beforeEach, describe, expect, it } from "vitest";
import { withAccount } from "../../testing/change-instruction.ts";
import { refusal, run } from "../../testing/run.ts";
import { advance } from "../../testing/svm.ts";
import {
  change,
  close,
  newWorld,
  open,
  opening,
  settle,
  settlement,
  type Terms,
  type World,
} from "./world.ts";

/** What an account without data must hold. */
const MINIMUM = 890_880n;
/** 10,000 lamports a second. */
const RATE = 36_000_000n;

let world: World;
let escrow: EscrowState;
let supplier: KeyPairSigner;

async function newSupplier(balance = MINIMUM): Promise<KeyPairSigner> {
  const wallet = await generateKeyPairSigner();
  if (balance > 0n) world.svm.airdrop(wallet.address, lamports(balance));
  return wallet;
}
const terms = (wallet: KeyPairSigner, change: Partial<Terms> = {}): Terms => ({
  ...{ supplier: wallet.address, ratePerHour: RATE, maxSeconds: 3_600, ...change },
});
const sol = (leases: readonly Terms[], id = 1n, more: Parameters<typeof open>[3] = {}) =>
  open(world, leases, id, { mint: NATIVE_SOL, rentPayer: world.stranger, ...more });
const balance = (wallet: Address) => world.svm.getBalance(wallet) ?? 0n;

beforeEach(async () => {
  world = await newWorld();
  world.svm.airdrop(world.treasury, lamports(MINIMUM));
  supplier = await newSupplier();
  escrow = await sol([terms(supplier), terms(await newSupplier())]);
  advance(world.svm, 100);
});

describe("an escrow in SOL", () => {
  it("holds the lamports itself, pays wallets directly, and gives back rest and rent", async () => {
    const engineer = balance(world.engineer.address);
    expect(escrow).toMatchObject({ mint: NATIVE_SOL, vault: escrow.address, deposited: 72_000_000n });
    const paid = await settle(world, escrow, [100, 50]);
    expect(paid).toMatchObject({ paid: 1_470_000n, fees: 30_000n });
    expect(balance(supplier.address)).toBe(MINIMUM + 980_000n);
    expect(balance(world.treasury)).toBe(MINIMUM + 30_000n);
    await settle(world, escrow, [100, 50], { final: true });
    const [rentPayer, rent] = [balance(world.stranger.address), balance(escrow.address) - 70_500_000n];
    await run(world.svm, world.engineer, [await closeEscrowInstruction({ escrow })]);
    expect(balance(world.stranger.address)).toBe(rentPayer + rent);
    expect(balance(escrow.address)).toBe(0n);
    expect(balance(world.engineer.address)).toBe(engineer + 70_500_000n - 5_000n);
  });

  it("gives donated lamports to the engineer", async () => {
    world.svm.airdrop(escrow.address, lamports(777n));
    await settle(world, escrow, [0, 0], { final: true });
    const before = balance(world.engineer.address);
    expect(await close(world, escrow)).toBeNull();
    expect(balance(world.engineer.address)).toBe(before + 72_000_777n);
  });

  it("takes lamports that lay at its address before for donations: the engineer's at the end", async () => {
    world.svm.airdrop(await escrowAddress(world.engineer.address, 9n), lamports(10n ** 9n));
    const fresh = await sol([terms(supplier)], 9n);
    expect(fresh).toMatchObject({ deposited: 36_000_000n, remainder: 36_000_000n });
    advance(world.svm, 60);
    await settle(world, fresh, [60], { final: true });
    const [engineer, rentPayer] = [balance(world.engineer.address), balance(world.stranger.address)];
    await run(world.svm, world.delegate, [await closeEscrowInstruction({ escrow: fresh })]);
    const rent = world.svm.minimumBalanceForRentExemption(288n + 96n);
    expect(balance(world.engineer.address) - engineer).toBe(35_400_000n + 10n ** 9n - rent);
    expect(balance(world.stranger.address) - rentPayer).toBe(rent);
  });

  it("skips a wallet that would end below rent exemption, until it is owed enough", async () => {
    const empty = await newSupplier(0n);
    const second = await sol([terms(empty), terms(supplier)], 2n);
    advance(world.svm, 200);
    const skipped = await settle(world, second, [90, 90]);
    expect(skipped.leases.map(({ paid }) => paid)).toEqual([0n, 882_000n]);
    expect(balance(empty.address)).toBe(0n);
    const paid = await settle(world, second, [91, 91]);
    expect(paid.leases.map(({ paid }) => paid)).toEqual([891_800n, 891_800n]);
    expect(balance(empty.address)).toBe(891_800n);
  });

  it("lets such a wallet collect to any account that takes it", async () => {
    const empty = await newSupplier(0n);
    const second = await sol([terms(empty)], 2n);
    advance(world.svm, 200);
    await settle(world, second, [90], { final: true });
    const attempt = async (destination: Address) =>
      await refusal(
        run(world.svm, world.stranger, [
          await collectInstruction({ wallet: empty, escrow: second, destination }),
        ]),
      );
    expect(await attempt(empty.address)).toBe("DestinationUnavailable");
    expect(await attempt(second.address)).toBe("WrongDestination");
    expect(await attempt(supplier.address)).toBe("accepted");
    expect(balance(supplier.address)).toBe(MINIMUM + 882_000n);
    expect(await close(world, second)).toBeNull();
  });

  it("skips a treasury that can't take its fee, and pays it later", async () => {
    world.svm.setAccount({
      ...{ address: world.treasury, data: new Uint8Array(), executable: false, space: 0n },
      ...{ lamports: lamports(0n), programAddress: NATIVE_SOL },
    });
    expect(await settle(world, escrow, [100, 100])).toMatchObject({ fees: 0n, feesEarned: 40_000n });
    world.svm.airdrop(world.treasury, lamports(MINIMUM));
    expect(await settle(world, escrow, [100, 100])).toMatchObject({ fees: 40_000n });
  });

  it("pays nobody but the lease's own wallet and the treasury", async () => {
    const instructions = await settlement(world, escrow, [100, 100]);
    const [verification, pay] = instructions;
    if (verification === undefined || pay === undefined) throw new Error("two instructions are needed");
    const by = (position: number, address: Address) =>
      refusal(run(world.svm, world.stranger, [verification, withAccount(pay, position, { address })]));
    expect(await by(6, world.stranger.address)).toBe("WrongDestination");
    expect(await by(6, escrow.address)).toBe("WrongDestination");
    expect(await by(3, world.stranger.address)).toBe("WrongTreasury");
    expect(await by(1, world.stranger.address)).toBe("WrongVault");
    const other = await sol([terms(supplier)], 2n);
    expect(await by(1, other.address)).toBe("WrongVault");
  });

  it("is funded by the engineer's own wallet, and is its own vault", async () => {
    const instruction = await opening(world, [terms(supplier)], {
      ...{ id: 2n, mint: NATIVE_SOL, rentPayer: world.stranger },
    });
    const by = (position: number, address: Address) =>
      refusal(run(world.svm, world.stranger, [withAccount(instruction, position, { address })]));
    expect(await by(4, world.stranger.address)).toBe("WrongEngineerAccount");
    expect(await by(3, world.stranger.address)).toBe("WrongVault");
    expect(await by(3, await paymentAccountOf(escrow.address, world.usdc))).toBe("WrongVault");
    const poor = await opening(world, [terms(supplier)], { id: 3n, mint: NATIVE_SOL, deposit: 2n ** 60n });
    expect(await refusal(run(world.svm, world.stranger, [poor]))).not.toBe("accepted");
  });

  it("refunds a stop at once, to the engineer only", async () => {
    const before = balance(world.engineer.address);
    const stop = await stopInstruction({ engineer: world.engineer, escrow });
    const attacked = withAccount(stop, 3, { address: world.stranger.address });
    expect(await refusal(run(world.svm, world.stranger, [attacked]))).toBe("WrongRefundAccount");
    expect(await change(world, escrow, stop)).toMatchObject({ refunded: 70_000_000n, remainder: 2_000_000n });
    expect(balance(world.engineer.address)).toBe(before + 70_000_000n);
  });

  it("is topped up by anybody's lamports, but not beyond the 24 hours for which its rates hold", async () => {
    const topUp = async (seconds: number) =>
      await topUpInstruction({
        ...{ payer: world.stranger, escrow, seconds, amount: topUpCost({ escrow, seconds }) },
      });
    expect(await refusal(run(world.svm, world.engineer, [await topUp(82_801)]))).toBe("RateExpired");
    const topped = await change(world, escrow, await topUp(82_800));
    expect(topped.leases.map(({ maxSeconds }) => maxSeconds)).toEqual([86_400, 86_400]);
    expect(topped.remainder).toBe(72_000_000n + 2n * 828_000_000n);
    const foreign = withAccount(await topUp(60), 1, { address: world.engineer.address });
    expect(await refusal(run(world.svm, world.engineer, [foreign]))).toBe("WrongPayerAccount");
  });

  it("is not opened for longer than its rates hold, nor extended by a replacement", async () => {
    const long = await opening(world, [terms(supplier, { maxSeconds: 86_401 })], {
      id: 2n,
      mint: NATIVE_SOL,
    });
    expect(await refusal(run(world.svm, world.engineer, [long]))).toBe("RateExpired");
    const second = await sol([terms(supplier, { maxSeconds: 86_400 })], 3n, {
      delegate: world.delegate.address,
    });
    await run(world.svm, world.stranger, [
      await registerSupplierInstruction({ payer: world.stranger, wallet: supplier }),
    ]);
    advance(world.svm, 400);
    await run(world.svm, world.stranger, [
      endLeaseInstruction({ signer: world.delegate, escrow: second, lease: 0 }),
    ]);
    const replace = (maxSeconds: number) =>
      replaceLeaseInstruction({
        ...{ delegate: world.delegate, escrow: second, lease: 0, supplier: supplier.address },
        ...{ ratePerHour: RATE / 2n, maxSeconds },
      });
    expect(await refusal(run(world.svm, world.stranger, [await replace(86_001)]))).toBe("RateExpired");
    expect(await refusal(run(world.svm, world.stranger, [await replace(86_000)]))).toBe("accepted");
  });

  it("pays agreed seconds", async () => {
    const agreed = await settleAgreedInstruction({
      ...{ engineer: world.engineer, supplier, escrow, lease: 0, seconds: 100, treasury: world.treasury },
    });
    expect(await change(world, escrow, agreed)).toMatchObject({ paid: 980_000n, fees: 20_000n });
    expect(balance(supplier.address)).toBe(MINIMUM + 980_000n);
  });

  it("pays a wallet that holds data of another program, above that account's own minimum", async () => {
    const wallet = (await generateKeyPairSigner()).address;
    const space = 1_000n;
    const minimum = world.svm.minimumBalanceForRentExemption(space);
    world.svm.setAccount({
      ...{ address: wallet, data: new Uint8Array(Number(space)), executable: false, space },
      ...{ lamports: lamports(minimum), programAddress: world.usdc },
    });
    const second = await sol([{ supplier: wallet, ratePerHour: RATE, maxSeconds: 60 }], 2n);
    await settle(world, second, [60]);
    expect(balance(wallet)).toBe(minimum + 588_000n);
  });

  it("is not held up by a supplier whose wallet is a program", async () => {
    const program = { supplier: TOKEN_PROGRAM_ADDRESS, ratePerHour: RATE, maxSeconds: 60 };
    const second = await sol([program, terms(supplier)], 2n);
    advance(world.svm, 60);
    expect((await settle(world, second, [60, 60])).leases.map(({ paid }) => paid)).toEqual([0n, 588_000n]);
  });

  it("needs its escrow writable", async () => {
    const [verification, pay] = await settlement(world, escrow, [100, 100]);
    if (verification === undefined || pay === undefined) throw new Error("two instructions are needed");
    const readonly = withAccount(withAccount(pay, 0, { role: AccountRole.READONLY }), 1, {
      role: AccountRole.READONLY,
    });
    expect(await refusal(run(world.svm, world.stranger, [verification, readonly]))).toBe("WrongEscrow");
  });
});
