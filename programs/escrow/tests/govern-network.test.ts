import {
  applyParametersInstruction,
  decodeNetwork,
  NATIVE_SOL,
  type NetworkState,
  networkAddress,
  proposeParametersInstruction,
  revokeMeterInstruction,
  setPauseInstruction,
} from "@ionet/chain";
import { AccountRole, generateKeyPairSigner, getBase64Encoder, type Instruction } from "@solana/kit";
import { beforeEach, describe, expect, it } from "vitest";
import { withAccount } from "../../testing/change-instruction.ts";
import { refusal, run } from "../../testing/run.ts";
import { advance, now } from "../../testing/svm.ts";
import { putMint, putTokens, TOKEN_2022 } from "../../testing/tokens.ts";
import { FEE_BPS, lease, newWorld, open, opening, settle, type World } from "./world.ts";

const HOURS_48 = 48 * 3_600;

let world: World;
let parameters: Parameters<typeof proposeParametersInstruction>[0]["parameters"];
beforeEach(async () => {
  world = await newWorld();
  parameters = {
    ...{ authority: world.upgradeAuthority.address, guardian: world.guardian, treasury: world.treasury },
    meters: [world.meter.address],
    mints: [{ mint: world.usdc, feeBps: FEE_BPS }],
  };
});

const attempt = (...instructions: Instruction[]) => refusal(run(world.svm, world.stranger, instructions));
const propose = (change: Partial<typeof parameters> = {}, authority = world.upgradeAuthority) =>
  proposeParametersInstruction({ authority, parameters: { ...parameters, ...change } });
async function network(): Promise<NetworkState> {
  const at = await networkAddress();
  const account = world.svm.getAccount(at);
  if (!account.exists) throw new Error("no network");
  return decodeNetwork(at, new Uint8Array(account.data));
}
const newAddress = async () => (await generateKeyPairSigner()).address;

/** The events that a transaction wrote: name and payload. */
async function events(instruction: Instruction): Promise<[string, Uint8Array][]> {
  const { logs } = await run(world.svm, world.stranger, [instruction]);
  return logs
    .filter((line) => line.startsWith("Program data: "))
    .map((line) => {
      const [name = "", payload = ""] = line.slice("Program data: ".length).split(" ");
      const decode = (text: string) => new Uint8Array(getBase64Encoder().encode(text));
      return [new TextDecoder().decode(decode(name)), decode(payload)];
    });
}

describe("changing parameters", () => {
  it("waits for 48 hours and is then anybody's to put into force; each step is told in the logs", async () => {
    const treasury = await newAddress();
    const before = await network();
    const [proposed] = await events(await propose({ treasury, minimumSeconds: 30 }));
    expect(proposed?.[0]).toBe("ionet:parameters-proposed");
    expect(await network()).toMatchObject({
      ...{ treasury: world.treasury, minimumSeconds: 60 },
      proposed: { at: now(world.svm), parameters: { treasury, minimumSeconds: 30 } },
    });
    advance(world.svm, HOURS_48 - 1);
    expect(await attempt(await applyParametersInstruction())).toBe("TooEarly");
    advance(world.svm, 1);
    const [applied] = await events(await applyParametersInstruction());
    expect(applied?.[0]).toBe("ionet:parameters-applied");
    expect(applied?.[1]).toEqual(proposed?.[1]);
    expect(await network()).toMatchObject({ treasury, minimumSeconds: 30, proposed: null });
    expect((await network()).chainTag).toEqual(before.chainTag);
    expect(await attempt(await applyParametersInstruction())).toBe("NothingProposed");
  });

  it("does not touch the terms of escrows that are open", async () => {
    const escrow = await open(world, [await lease(world)]);
    await run(world.svm, world.stranger, [await propose({ mints: [{ mint: world.usdc, feeBps: 500 }] })]);
    advance(world.svm, HOURS_48);
    await run(world.svm, world.stranger, [await applyParametersInstruction()]);
    expect(await settle(world, escrow, [100])).toMatchObject({ feeBps: FEE_BPS, fees: 2_000n });
    expect((await open(world, [await lease(world)], 2n)).feeBps).toBe(500);
  });

  it("begins its wait anew when something else is proposed", async () => {
    await run(world.svm, world.stranger, [await propose({ minimumSeconds: 30 })]);
    advance(world.svm, HOURS_48 - 1);
    await run(world.svm, world.stranger, [await propose({ minimumSeconds: 45 })]);
    advance(world.svm, 1);
    expect(await attempt(await applyParametersInstruction())).toBe("TooEarly");
  });

  it("is the authority's to propose, also when a new one has come", async () => {
    for (const signer of [world.stranger, world.guardianKey, world.meter, world.treasuryKey]) {
      expect(await attempt(await propose({}, signer))).toBe("WrongAuthority");
    }
    const unsigned = withAccount(await propose(), 0, { role: AccountRole.READONLY });
    expect(await attempt(unsigned)).toBe("MissingSignature");
    await run(world.svm, world.stranger, [await propose({ authority: world.stranger.address })]);
    expect(await attempt(await propose({}, world.stranger))).toBe("WrongAuthority");
    advance(world.svm, HOURS_48);
    await run(world.svm, world.stranger, [await applyParametersInstruction()]);
    expect(await attempt(await propose())).toBe("WrongAuthority");
    expect(await attempt(await propose({}, world.stranger))).toBe("accepted");
  });

  it("keeps the limits: five per cent, plain mints, one to four meters", async () => {
    expect(await attempt(await propose({ mints: [{ mint: world.usdc, feeBps: 501 }] }))).toBe("FeeTooHigh");
    const token2022 = await newAddress();
    putMint(world.svm, token2022, TOKEN_2022);
    expect(await attempt(await propose({ mints: [{ mint: token2022, feeBps: 0 }] }))).toBe("WrongMint");
    expect(await attempt(await propose({ meters: [] }))).toBe("WrongParameter");
    expect(await attempt(await propose({ treasury: NATIVE_SOL }))).toBe("WrongParameter");
    expect(await attempt(await propose({ releaseAfterSeconds: 3_599 }))).toBe("WrongParameter");
  });

  it("happens in the program's own network account only", async () => {
    const escrow = await open(world, [await lease(world)]);
    for (const wrong of [escrow.address, world.usdc, await newAddress()]) {
      expect(await attempt(withAccount(await propose(), 1, { address: wrong }))).toBe("WrongNetwork");
      const apply = await applyParametersInstruction();
      expect(await attempt(withAccount(apply, 0, { address: wrong }))).toBe("WrongNetwork");
    }
    const at = await networkAddress();
    const copy = world.svm.getAccount(at);
    if (!copy.exists) throw new Error("no network");
    const fake = await newAddress();
    world.svm.setAccount({ ...copy, address: fake, programAddress: world.usdc });
    expect(await attempt(withAccount(await propose(), 1, { address: fake }))).toBe("WrongNetwork");
    expect(await attempt(withAccount(await propose(), 1, { role: AccountRole.READONLY }))).toBe(
      "WrongNetwork",
    );
  });
});

describe("the guardian", () => {
  const revoke = (meter = world.meter.address, guardian = world.guardianKey) =>
    revokeMeterInstruction({ guardian, meter });
  const pause = (paused: boolean, guardian = world.guardianKey) => setPauseInstruction({ guardian, paused });

  it("takes a stolen meter key away at once: its readings pay nothing from then on", async () => {
    const escrow = await open(world, [await lease(world)]);
    advance(world.svm, 100);
    await settle(world, escrow, [50]);
    const [event] = await events(await revoke());
    expect(event?.[0]).toBe("ionet:meter-revoked");
    expect(await refusal(settle(world, escrow, [100]))).toBe("UnknownMeter");
    expect((await network()).meters).toEqual([]);
    expect(await attempt(await revoke())).toBe("UnknownMeter");
  });

  it("takes it out of a proposal that waits as well; the other keys stay, in their order", async () => {
    const [second, third] = [await newAddress(), await newAddress()];
    const meters = [second, world.meter.address, third];
    await run(world.svm, world.stranger, [await propose({ meters })]);
    await run(world.svm, world.stranger, [await revoke()]);
    advance(world.svm, HOURS_48);
    await run(world.svm, world.stranger, [await applyParametersInstruction()]);
    expect((await network()).meters).toEqual([second, third]);
  });

  it("cannot bring a new key: that waits its 48 hours", async () => {
    const meter = await generateKeyPairSigner();
    await run(world.svm, world.stranger, [await revoke(), await propose({ meters: [meter.address] })]);
    const escrow = await open(world, [await lease(world)]);
    advance(world.svm, HOURS_48);
    expect(await refusal(settle(world, escrow, [60], { meter }))).toBe("UnknownMeter");
    await run(world.svm, world.stranger, [await applyParametersInstruction()]);
    expect(await settle(world, escrow, [60], { meter })).toMatchObject({ paid: 58_800n });
  });

  it("pauses new escrows at once, never payouts, and lifts that again", async () => {
    const escrow = await open(world, [await lease(world)]);
    const [event] = await events(await pause(true));
    expect(event).toEqual(["ionet:pause-set", new Uint8Array([1])]);
    const another = await opening(world, [await lease(world)], { id: 2n });
    expect(await refusal(run(world.svm, world.engineer, [another]))).toBe("Paused");
    expect(await settle(world, escrow, [60], { final: true })).toMatchObject({ paid: 58_800n });
    await run(world.svm, world.stranger, [await pause(false)]);
    expect(await refusal(run(world.svm, world.engineer, [another]))).toBe("accepted");
  });

  it("alone does either, and only in the network account", async () => {
    for (const signer of [world.stranger, world.upgradeAuthority, world.meter, world.treasuryKey]) {
      expect(await attempt(await revoke(world.meter.address, signer))).toBe("WrongGuardian");
      expect(await attempt(await pause(true, signer))).toBe("WrongGuardian");
    }
    for (const instruction of [await revoke(), await pause(true)]) {
      const unsigned = withAccount(instruction, 0, { role: AccountRole.READONLY });
      expect(await attempt(unsigned)).toBe("MissingSignature");
      const tokens = await putTokens(world.svm, { mint: world.usdc, wallet: world.stranger.address });
      expect(await attempt(withAccount(instruction, 1, { address: tokens }))).toBe("WrongNetwork");
    }
  });
});
