import { decodeNetwork, NATIVE_SOL, networkAddress, programDataAddress } from "@ionet/chain";
import { generateKeyPairSigner, type Instruction } from "@solana/kit";
import { describe, expect, it } from "vitest";
import { withAccount } from "../../testing/change-instruction.ts";
import { refusal, run } from "../../testing/run.ts";
import { putMint, TOKEN_2022 } from "../../testing/tokens.ts";
import { emptyWorld, FEE_BPS, initialization, newWorld, type World } from "./world.ts";

const UPGRADE_AUTHORITY = 1;
const NETWORK = 2;
const PROGRAM_DATA = 3;
const WRAPPED_SOL = "So11111111111111111111111111111111111111112";

const attempt = (world: World, instruction: Instruction) =>
  refusal(run(world.svm, world.upgradeAuthority, [instruction]));

const newAddress = async () => (await generateKeyPairSigner()).address;

describe("initialising the network", () => {
  it("writes the parameters, by which everything else goes", async () => {
    const world = await newWorld();
    const address = await networkAddress();
    const account = world.svm.getAccount(address);
    if (!account.exists) throw new Error("no network");
    expect(decodeNetwork(address, new Uint8Array(account.data))).toMatchObject({
      ...{ treasury: world.treasury, guardian: world.guardian, paused: false },
      authority: world.upgradeAuthority.address,
      ...{ minimumSeconds: 60, releaseAfterSeconds: 86_400 },
      meters: [world.meter.address],
      mints: [
        { mint: world.usdc, feeBps: FEE_BPS, decimals: 6, rateValidHours: 0 },
        { mint: NATIVE_SOL, feeBps: FEE_BPS, decimals: 9, rateValidHours: 24 },
      ],
      proposed: null,
    });
  });

  it("happens once", async () => {
    const world = await newWorld();
    expect(await attempt(world, await initialization(world))).toBe("AlreadyInitialized");
  });

  it("is the upgrade authority's alone", async () => {
    const world = await emptyWorld();
    const byStranger = await initialization(world, { upgradeAuthority: world.stranger });
    expect(await attempt(world, byStranger)).toBe("WrongUpgradeAuthority");
    const unsigned = withAccount(await initialization(world, { payer: world.stranger }), UPGRADE_AUTHORITY, {
      role: 0,
    });
    expect(await refusal(run(world.svm, world.stranger, [unsigned]))).toBe("MissingSignature");
  });

  it("looks for the upgrade authority in the program's own ProgramData account only", async () => {
    const world = await emptyWorld();
    const real = world.svm.getAccount(await programDataAddress());
    if (!real.exists) throw new Error("no program data");
    const fake = await newAddress();
    world.svm.setAccount({ ...real, address: fake });
    const instruction = await initialization(world, { upgradeAuthority: world.upgradeAuthority });
    expect(await attempt(world, withAccount(instruction, PROGRAM_DATA, { address: fake }))).toBe(
      "WrongProgramData",
    );
  });

  it("is impossible for ever once the program cannot be upgraded", async () => {
    const world = await emptyWorld();
    const programData = world.svm.getAccount(await programDataAddress());
    if (!programData.exists) throw new Error("no program data");
    const data = new Uint8Array(programData.data);
    data[12] = 0;
    world.svm.setAccount({ ...programData, data });
    expect(await attempt(world, await initialization(world))).toBe("WrongUpgradeAuthority");
  });

  it("writes to the network's own address only", async () => {
    const world = await emptyWorld();
    const elsewhere = withAccount(await initialization(world), NETWORK, { address: await newAddress() });
    expect(await attempt(world, elsewhere)).toBe("WrongAddress");
  });

  it("takes no fee above five per cent", async () => {
    const world = await emptyWorld();
    const fee = (feeBps: number) => initialization(world, { mints: [{ mint: world.usdc, feeBps }] });
    expect(await attempt(world, await fee(501))).toBe("FeeTooHigh");
    expect(await attempt(world, await fee(500))).toBe("accepted");
  });

  it("takes plain SPL mints only", async () => {
    const world = await emptyWorld();
    const token2022 = await newAddress();
    putMint(world.svm, token2022, TOKEN_2022);
    for (const mint of [token2022, WRAPPED_SOL, world.treasury] as (typeof token2022)[]) {
      expect(await attempt(world, await initialization(world, { mints: [{ mint, feeBps: 0 }] }))).toBe(
        "WrongMint",
      );
    }
  });

  it("takes one to four meters and mints, each once, and no parameter out of range", async () => {
    const world = await emptyWorld();
    const five = await Promise.all(Array.from({ length: 5 }, newAddress));
    const usdc = { mint: world.usdc, feeBps: 0 };
    const nobody = "11111111111111111111111111111111" as typeof world.usdc;
    const wrong: Parameters<typeof initialization>[1][] = [
      { meters: [] },
      { meters: five },
      { meters: [world.meter.address, world.meter.address] },
      { meters: [nobody] },
      { mints: [] },
      { mints: [usdc, usdc] },
      { treasury: nobody },
      { authority: nobody },
      { guardian: nobody },
      { genesisHash: nobody },
      { minimumSeconds: 3_601 },
      { releaseAfterSeconds: 3_599 },
      { releaseAfterSeconds: 30 * 86_400 + 1 },
    ];
    for (const change of wrong) {
      expect(await attempt(world, await initialization(world, change))).toBe("WrongParameter");
    }
    expect(await attempt(world, await initialization(world, { meters: five.slice(1) }))).toBe("accepted");
  });
});
