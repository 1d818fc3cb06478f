import { escrowAddress, networkAddress, tokenAccountOf } from "@ionet/chain";
import { AccountRole, type Address, address, generateKeyPairSigner, lamports } from "@solana/kit";
import { AccountState } from "@solana-program/token";
import { beforeEach, describe, expect, it } from "vitest";
import { withAccount } from "../../testing/change-instruction.ts";
import { refusal, run } from "../../testing/run.ts";
import { now } from "../../testing/svm.ts";
import { putMint, putTokens, tokensAt } from "../../testing/tokens.ts";
import {
  budgetOf,
  close,
  escrowOf,
  FEE_BPS,
  findEscrow,
  lease,
  newWorld,
  open,
  opening,
  settle,
  type Terms,
  tokensOf,
  type World,
} from "./world.ts";

const [ENGINEER, RENT_PAYER, ESCROW, VAULT, TOKENS, MINT, NETWORK] = [0, 1, 2, 3, 4, 5, 6];
const TOKEN_PROGRAM = 8;
const U64_MAX = 2n ** 64n - 1n;

let world: World;
beforeEach(async () => {
  world = await newWorld();
});

type Change = Parameters<typeof opening>[2];
const attempt = async (leases: readonly Terms[], change: Change = {}) =>
  refusal(run(world.svm, world.engineer, [await opening(world, leases, change)]));

describe("opening an escrow", () => {
  it("takes the deposit, writes what was agreed, and starts the leases", async () => {
    const before = (await tokensOf(world, world.engineer.address)) ?? 0n;
    const terms = [await lease(world), await lease(world, { ratePerHour: 1n, maxSeconds: 1 })];
    const delegate = world.guardian;
    await run(world.svm, world.engineer, [
      await opening(world, terms, { id: 7n, deposit: 5_000_000n, delegate }),
    ]);
    const escrow = escrowOf(world, await escrowAddress(world.engineer.address, 7n));
    expect(escrow).toMatchObject({
      ...{ engineer: world.engineer.address, rentPayer: world.engineer.address, delegate },
      ...{ id: 7n, mint: world.usdc, feeBps: FEE_BPS, minimumSeconds: 60, releaseAfterSeconds: 86_400 },
      ...{ status: "open", deposited: 5_000_000n, remainder: 5_000_000n, paid: 0n, fees: 0n, refunded: 0n },
      ...{ openedAt: now(world.svm), openedSlot: world.svm.getClock().slot },
    });
    const fresh = { startedAt: now(world.svm), endedAt: null, seconds: 0, gross: 0n, paid: 0n, fee: 0n };
    expect(escrow.leases).toEqual(terms.map((agreed) => ({ ...agreed, ...fresh })));
    expect(await tokensOf(world, world.engineer.address)).toBe(before - 5_000_000n);
    expect(tokensAt(world.svm, escrow.vault)).toBe(5_000_000n);
  });

  it("needs a deposit for every lease to its last second, each rounded up", async () => {
    const terms = [
      await lease(world, { ratePerHour: 1n }),
      await lease(world, { ratePerHour: 3_601n, maxSeconds: 1 }),
    ];
    expect(budgetOf(terms)).toBe(3n);
    expect(await attempt(terms, { deposit: 2n })).toBe("FundingTooLittle");
    expect(await attempt(terms, { deposit: 3n })).toBe("accepted");
  });

  it("holds one to fifty leases", async () => {
    expect(await attempt([], { deposit: 1n })).toBe("NoLeases");
    const one = await lease(world, { maxSeconds: 60 });
    expect(await attempt(Array.from({ length: 51 }, () => one))).toBe("TooManyLeases");
    expect(await attempt(Array.from({ length: 50 }, () => one))).toBe("accepted");
  });

  it("takes no lease without wallet, rate or seconds, nor one that pays the escrow itself", async () => {
    const self = await escrowAddress(world.engineer.address, 1n);
    const nobody = address("11111111111111111111111111111111");
    for (const change of [{ ratePerHour: 0n }, { maxSeconds: 0 }, { supplier: nobody }, { supplier: self }]) {
      const terms = [await lease(world), await lease(world, change)];
      expect(await attempt(terms, { deposit: 10n ** 9n })).toBe("WrongLease");
    }
  });

  it("computes in wider numbers than it pays in: what does not fit is refused, not wrapped", async () => {
    const huge = (change: Partial<Terms>) =>
      lease(world, { ratePerHour: U64_MAX, maxSeconds: 3_600, ...change });
    expect(await attempt([await huge({ maxSeconds: 3_601 })], { deposit: 1n })).toBe("AmountOverflow");
    expect(await attempt([await huge({}), await lease(world)], { deposit: U64_MAX })).toBe("AmountOverflow");
    expect(await attempt([await huge({})], { deposit: U64_MAX - 1n })).toBe("FundingTooLittle");
    await putTokens(world.svm, { mint: world.usdc, wallet: world.engineer.address, amount: U64_MAX });
    expect(await attempt([await huge({})], { deposit: U64_MAX })).toBe("accepted");
  });

  it("needs the engineer's signature and the rent payer's", async () => {
    const instruction = await opening(world, [await lease(world)]);
    const stranger = { address: world.stranger.address };
    const unsigned = withAccount(instruction, ENGINEER ?? 0, { ...stranger, role: AccountRole.READONLY });
    expect(await refusal(run(world.svm, world.engineer, [unsigned]))).toBe("MissingSignature");
    const rent = withAccount(instruction, RENT_PAYER ?? 1, { ...stranger, role: AccountRole.WRITABLE });
    expect(await refusal(run(world.svm, world.engineer, [rent]))).toBe("MissingSignature");
  });

  it("cannot be funded from somebody else's tokens, though they sign", async () => {
    await putTokens(world.svm, { mint: world.usdc, wallet: world.stranger.address, amount: 10n ** 9n });
    const instruction = await opening(world, [await lease(world)], { rentPayer: world.stranger });
    const theirs = await tokenAccountOf(world.stranger.address, world.usdc);
    const attacked = withAccount(instruction, TOKENS ?? 4, { address: theirs });
    expect(await refusal(run(world.svm, world.engineer, [attacked]))).toBe("WrongEngineerAccount");
  });

  it("is refused when the engineer's account is frozen or holds too little", async () => {
    const terms = [await lease(world)];
    const { usdc: mint, engineer } = world;
    await putTokens(world.svm, { mint, wallet: engineer.address, amount: 3_599_999n });
    expect(await attempt(terms)).not.toBe("accepted");
    await putTokens(world.svm, {
      mint,
      wallet: engineer.address,
      amount: 10n ** 9n,
      state: AccountState.Frozen,
    });
    expect(await attempt(terms)).toBe("WrongEngineerAccount");
    expect(findEscrow(world, await escrowAddress(engineer.address, 1n))).toBeNull();
  });

  it("is in a mint of the network only", async () => {
    const mint = (await generateKeyPairSigner()).address;
    putMint(world.svm, mint);
    await putTokens(world.svm, { mint, wallet: world.engineer.address, amount: 10n ** 9n });
    expect(await attempt([await lease(world)], { mint })).toBe("WrongMint");
  });

  it("puts escrow and vault at their own addresses only", async () => {
    const instruction = await opening(world, [await lease(world)]);
    const other = await escrowAddress(world.engineer.address, 2n);
    const cases: [number | undefined, Address, string][] = [
      [ESCROW, other, "WrongAddress"],
      [ESCROW, await networkAddress(), "WrongAddress"],
      [NETWORK, world.usdc, "WrongNetwork"],
      [MINT, world.treasury, "WrongMint"],
      [TOKEN_PROGRAM, address("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb"), "WrongTokenProgram"],
    ];
    for (const [position, wrong, reason] of cases) {
      const attacked = withAccount(instruction, position ?? 0, { address: wrong });
      expect(await refusal(run(world.svm, world.engineer, [attacked]))).toBe(reason);
    }
    const vaults = [
      await tokenAccountOf(other, world.usdc),
      await tokenAccountOf(world.engineer.address, world.usdc),
    ];
    for (const wrong of vaults) {
      const attacked = withAccount(instruction, VAULT ?? 3, { address: wrong });
      expect(await refusal(run(world.svm, world.engineer, [attacked]))).not.toBe("accepted");
    }
  });

  it("is refused while the network is paused; what runs goes on", async () => {
    const running = await open(world, [await lease(world)]);
    const at = await networkAddress();
    const network = world.svm.getAccount(at);
    if (!network.exists) throw new Error("no network");
    const data = new Uint8Array(network.data);
    data[3] = 1;
    world.svm.setAccount({ ...network, data });
    expect(await attempt([await lease(world)], { id: 2n })).toBe("Paused");
    expect((await settle(world, running, [60], { final: true })).paid).toBe(58_800n);
  });

  it("happens once for an id; another id, or the same after closing, is another escrow", async () => {
    const terms = [await lease(world)];
    const escrow = await open(world, terms);
    expect(await attempt(terms)).toBe("AlreadyOpen");
    expect(await attempt(terms, { id: U64_MAX })).toBe("accepted");
    world.svm.warpToSlot(world.svm.getClock().slot + 1n);
    await close(world, await settle(world, escrow, [0], { final: true }));
    expect(await attempt(terms)).toBe("accepted");
  });

  it("cannot be blocked by what strangers send to its addresses beforehand", async () => {
    const at = await escrowAddress(world.engineer.address, 1n);
    world.svm.airdrop(at, lamports(5_000_000n));
    const vault = await putTokens(world.svm, { mint: world.usdc, wallet: at, amount: 77n });
    const escrow = await open(world, [await lease(world)]);
    expect(escrow.remainder).toBe(3_600_000n);
    expect(tokensAt(world.svm, vault)).toBe(3_600_077n);
  });

  it("is refused when its data is cut short or has more than it should", async () => {
    const instruction = await opening(world, [await lease(world)]);
    const data = new Uint8Array(instruction.data ?? []);
    for (const wrong of [data.slice(0, -1), new Uint8Array([...data, 0]), data.slice(0, 9)]) {
      const attacked = { ...instruction, data: wrong };
      expect(await refusal(run(world.svm, world.engineer, [attacked]))).toBe("MalformedInstruction");
    }
  });
});
