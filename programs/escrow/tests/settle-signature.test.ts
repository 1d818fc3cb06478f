import type { EscrowState } from "@ionet/chain";
import { address, generateKeyPairSigner, getAddressEncoder, type Instruction, lamports } from "@solana/kit";
import { getTransferSolInstruction } from "@solana-program/system";
import { beforeEach, describe, expect, it } from "vitest";
import { withAccount, withData } from "../../testing/change-instruction.ts";
import { MESSAGE_AT, newTarget, pair, readingWith, refused, signed, type Target } from "./attack.ts";
import { settlement, type World } from "./world.ts";

const SYSVAR = 5;
/** Where an Ed25519 instruction says in which instruction its parts lie. */
const INSTRUCTION_INDICES = [4, 8, 14];

let target: Target;
let world: World;
let escrow: EscrowState;
beforeEach(async () => {
  target = await newTarget();
  ({ world, escrow } = target);
});

describe("a settlement is refused", () => {
  it("when the reading is signed by anybody but a meter", async () => {
    expect(
      await refused(target, ...(await settlement(world, escrow, [100, 100], { meter: world.stranger }))),
    ).toBe("UnknownMeter");
    expect(
      await refused(target, ...(await settlement(world, escrow, [100, 100], { meter: world.engineer }))),
    ).toBe("UnknownMeter");
  });

  it("when the signature is false", async () => {
    const [verification, settle] = await pair(target);
    const forged = withData(verification, (data) => data.set([(data[50] ?? 0) ^ 1], 50));
    expect(await refused(target, forged, settle)).not.toBe("accepted");
    const raised = withData(verification, (data) => data.set([0xff], data.length - 2));
    expect(await refused(target, raised, settle)).not.toBe("accepted");
  });

  it("when no Ed25519 instruction stands right before it", async () => {
    const [verification, settle] = await pair(target);
    const transfer = getTransferSolInstruction({
      source: world.stranger,
      destination: world.engineer.address,
      amount: 1n,
    });
    expect(await refused(target, settle)).toBe("NoMeterSignature");
    expect(await refused(target, settle, verification)).toBe("NoMeterSignature");
    expect(await refused(target, verification, transfer, settle)).toBe("NoMeterSignature");
    expect(await refused(target, verification, settle, settle)).toBe("NoMeterSignature");
  });

  it("when another program's instruction carries the same bytes", async () => {
    const [verification, settle] = await pair(target);
    const memo = address("MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr");
    for (const programAddress of [memo, address("KeccakSecp256k11111111111111111111111111111")]) {
      expect(await refused(target, { ...verification, programAddress }, settle)).not.toBe("accepted");
    }
  });

  it("when the Ed25519 instruction holds two signatures, or none", async () => {
    const [verification, settle] = await pair(target);
    const header = (verification.data ?? new Uint8Array()).subarray(2, 16);
    const rest = (verification.data ?? new Uint8Array()).subarray(16);
    // Two sets of offsets, both 14 bytes later, so that the precompile accepts both.
    const shifted = new Uint8Array(header);
    const view = new DataView(shifted.buffer);
    for (const at of [0, 4, 8]) view.setUint16(at, view.getUint16(at, true) + 14, true);
    const twice = { ...verification, data: new Uint8Array([2, 0, ...shifted, ...shifted, ...rest]) };
    expect(await refused(target, twice, settle)).toBe("WrongSignatureLayout");
    expect(await refused(target, { ...verification, data: new Uint8Array([0, 0]) }, settle)).toBe(
      "WrongSignatureLayout",
    );
  });

  it.each(INSTRUCTION_INDICES)("when the offset at byte %i points into another instruction", async (at) => {
    const [verification, settle] = await pair(target);
    // Index 0 is the Ed25519 instruction itself: the precompile is content, the layout is not ours.
    const pointing = withData(verification, (data) => data.set([0, 0], at));
    expect(await refused(target, pointing, settle)).toBe("WrongSignatureLayout");
  });

  it("when the verified message lies elsewhere than where a reading is looked for", async () => {
    const { bytes, message } = await hiddenMessage();
    expect(
      await refused(
        target,
        { programAddress: address("Ed25519SigVerify111111111111111111111111111"), accounts: [], data: bytes },
        (await pair(target))[1],
      ),
    ).toBe("WrongSignatureLayout");
    expect(message).toBeGreaterThan(MESSAGE_AT);
  });

  it("when bytes follow the signed reading", async () => {
    const [verification, settle] = await pair(target);
    const longer = { ...verification, data: new Uint8Array([...(verification.data ?? []), 0]) };
    expect(await refused(target, longer, settle)).toBe("WrongSignatureLayout");
  });

  it("when a false instructions sysvar shows a verification that never ran", async () => {
    const [verification, settle] = await pair(target);
    const forged = withData(verification, (data) => data.set([0xff], 50));
    const data = sysvarBytes(forged);
    const fake = (await generateKeyPairSigner()).address;
    world.svm.setAccount({
      address: fake,
      data,
      executable: false,
      lamports: lamports(world.svm.minimumBalanceForRentExemption(BigInt(data.length))),
      programAddress: address("Sysvar1111111111111111111111111111111111111"),
      space: BigInt(data.length),
    });
    const attacked = withAccount(settle, SYSVAR, { address: fake });
    expect(await refused(target, attacked)).toBe("WrongInstructionsSysvar");
    expect(await refused(target, verification, attacked)).toBe("WrongInstructionsSysvar");
  });
});

/** A signature over one message, with another, larger claim where a reading is looked for. */
async function hiddenMessage(): Promise<{ bytes: Uint8Array; message: number }> {
  const honest = await readingWith(target, () => {});
  const claim = await readingWith(target, (bytes) => bytes.set([0xff, 0xff], 155));
  const message = MESSAGE_AT + claim.length;
  const bytes = new Uint8Array(message + honest.length);
  const view = new DataView(bytes.buffer);
  for (const [at, value] of [1, 48, 0xffff, 16, 0xffff, message, honest.length, 0xffff].entries()) {
    view.setUint16(2 * at, value, true);
  }
  const [verification] = await signed(target, honest);
  bytes.set((verification?.data ?? new Uint8Array()).subarray(16, MESSAGE_AT), 16);
  bytes.set(claim, MESSAGE_AT);
  bytes.set(honest, message);
  return { bytes, message };
}

/** The instructions sysvar as it would be with this instruction first and ours, the second, running. */
function sysvarBytes(first: Instruction): Uint8Array {
  const data = first.data ?? new Uint8Array();
  const bytes = new Uint8Array(6 + 2 + 32 + 2 + data.length + 2);
  const view = new DataView(bytes.buffer);
  for (const [at, value] of [2, 6, 6].entries()) view.setUint16(2 * at, value, true);
  bytes.set(getAddressEncoder().encode(first.programAddress), 8);
  view.setUint16(40, data.length, true);
  bytes.set(data, 42);
  view.setUint16(42 + data.length, 1, true);
  return bytes;
}
