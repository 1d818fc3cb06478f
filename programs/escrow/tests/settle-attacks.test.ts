import {
  ESCROW_PROGRAM,
  type EscrowState,
  networkAddress,
  readingBytes,
  settleInstructions,
  signReading,
  tokenAccountOf,
} from "@ionet/chain";
import {
  AccountRole,
  type Address,
  address,
  generateKeyPairSigner,
  type Instruction,
  type KeyPairSigner,
  lamports,
} from "@solana/kit";
import { getTransferSolInstruction } from "@solana-program/system";
import { beforeEach, describe, expect, it } from "vitest";
import { advance, refusal, run, withAccount } from "./svm.ts";
import { putMint, putTokens } from "./tokens.ts";
import {
  close,
  escrowOf,
  findEscrow,
  GENESIS,
  lease,
  newSupplier,
  newWorld,
  open,
  settle,
  settlement,
  tokensOf,
  type World,
} from "./world.ts";

const ESCROW = 0;
const VAULT = 1;
const NETWORK = 2;
const TREASURY = 3;
const TOKEN_PROGRAM = 4;
const SYSVAR = 5;
const FIRST_DESTINATION = 6;
/** Where the parts of an Ed25519 instruction lie. */
const MESSAGE_AT = 112;
const INSTRUCTION_INDICES = [4, 8, 14];

let world: World;
let escrow: EscrowState;
let suppliers: Address[];

beforeEach(async () => {
  world = await newWorld();
  const leases = [await lease(world), await lease(world)];
  suppliers = leases.map(({ supplier }) => supplier);
  escrow = await open(world, leases);
  advance(world.svm, 100);
});

async function pair(): Promise<[Instruction, Instruction]> {
  const [verification, settle] = await settlement(world, escrow, [100, 100]);
  if (verification === undefined || settle === undefined) throw new Error("two instructions are needed");
  return [verification, settle];
}

const attempt = (...instructions: Instruction[]) => refusal(run(world.svm, world.stranger, instructions));

/** The refusal, with proof that it changed nothing. */
async function refused(...instructions: Instruction[]): Promise<string> {
  const reason = await attempt(...instructions);
  expect(escrowOf(world, escrow.address)).toEqual(escrow);
  expect(await Promise.all(suppliers.map((wallet) => tokensOf(world, wallet)))).toEqual([0n, 0n]);
  return reason;
}

const changed = (instruction: Instruction, change: (data: Uint8Array) => void): Instruction => {
  const data = new Uint8Array(instruction.data ?? []);
  change(data);
  return { ...instruction, data };
};

/** A settlement of hand-made reading bytes, properly signed. */
async function signed(reading: Uint8Array, signer: KeyPairSigner = world.meter): Promise<Instruction[]> {
  const real = await readingBytes({
    escrow,
    genesisHash: GENESIS,
    final: false,
    leases: [{ index: 0, seconds: 100 }],
  });
  const signature = await signReading(signer, reading);
  const { treasury } = world;
  const [verification, settle] = await settleInstructions({
    reading: real,
    signature,
    meter: signer.address,
    escrow,
    treasury,
  });
  if (verification === undefined || settle === undefined) throw new Error("two instructions are needed");
  const data = new Uint8Array(MESSAGE_AT + reading.length);
  data.set((verification.data ?? new Uint8Array()).subarray(0, MESSAGE_AT));
  new DataView(data.buffer).setUint16(12, reading.length, true);
  data.set(reading, MESSAGE_AT);
  return [{ ...verification, data }, settle];
}

async function readingWith(change: (bytes: Uint8Array) => void): Promise<Uint8Array> {
  const bytes = await readingBytes({
    escrow,
    genesisHash: GENESIS,
    final: false,
    leases: [{ index: 0, seconds: 100 }],
  });
  change(bytes);
  return bytes;
}

describe("a settlement is refused", () => {
  it("when the reading is signed by anybody but a meter", async () => {
    expect(await refused(...(await settlement(world, escrow, [100, 100], { meter: world.stranger })))).toBe(
      "UnknownMeter",
    );
    expect(await refused(...(await settlement(world, escrow, [100, 100], { meter: world.engineer })))).toBe(
      "UnknownMeter",
    );
  });

  it("when the signature is false", async () => {
    const [verification, settle] = await pair();
    const forged = changed(verification, (data) => data.set([(data[50] ?? 0) ^ 1], 50));
    expect(await refused(forged, settle)).not.toBe("accepted");
    const raised = changed(verification, (data) => data.set([0xff], data.length - 2));
    expect(await refused(raised, settle)).not.toBe("accepted");
  });

  it("when no Ed25519 instruction stands right before it", async () => {
    const [verification, settle] = await pair();
    const transfer = getTransferSolInstruction({
      source: world.stranger,
      destination: world.engineer.address,
      amount: 1n,
    });
    expect(await refused(settle)).toBe("NoMeterSignature");
    expect(await refused(settle, verification)).toBe("NoMeterSignature");
    expect(await refused(verification, transfer, settle)).toBe("NoMeterSignature");
    expect(await refused(verification, settle, settle)).toBe("NoMeterSignature");
  });

  it("when another program's instruction carries the same bytes", async () => {
    const [verification, settle] = await pair();
    const memo = address("MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr");
    for (const programAddress of [memo, address("KeccakSecp256k11111111111111111111111111111")]) {
      expect(await refused({ ...verification, programAddress }, settle)).not.toBe("accepted");
    }
  });

  it("when the Ed25519 instruction holds two signatures, or none", async () => {
    const [verification, settle] = await pair();
    const header = (verification.data ?? new Uint8Array()).subarray(2, 16);
    const rest = (verification.data ?? new Uint8Array()).subarray(16);
    // Two sets of offsets, both 14 bytes later, so that the precompile accepts both.
    const shifted = new Uint8Array(header);
    const view = new DataView(shifted.buffer);
    for (const at of [0, 4, 8]) view.setUint16(at, view.getUint16(at, true) + 14, true);
    const twice = { ...verification, data: new Uint8Array([2, 0, ...shifted, ...shifted, ...rest]) };
    expect(await refused(twice, settle)).toBe("WrongSignatureLayout");
    expect(await refused({ ...verification, data: new Uint8Array([0, 0]) }, settle)).toBe(
      "WrongSignatureLayout",
    );
  });

  it.each(INSTRUCTION_INDICES)("when the offset at byte %i points into another instruction", async (at) => {
    const [verification, settle] = await pair();
    // Index 0 is the Ed25519 instruction itself: the precompile is content, the layout is not ours.
    const pointing = changed(verification, (data) => data.set([0, 0], at));
    expect(await refused(pointing, settle)).toBe("WrongSignatureLayout");
  });

  it("when the verified message lies elsewhere than where a reading is looked for", async () => {
    const { bytes, message } = await hiddenMessage();
    expect(
      await refused(
        { programAddress: address("Ed25519SigVerify111111111111111111111111111"), accounts: [], data: bytes },
        (await pair())[1],
      ),
    ).toBe("WrongSignatureLayout");
    expect(message).toBeGreaterThan(MESSAGE_AT);
  });

  it("when bytes follow the signed reading", async () => {
    const [verification, settle] = await pair();
    const longer = { ...verification, data: new Uint8Array([...(verification.data ?? []), 0]) };
    expect(await refused(longer, settle)).toBe("WrongSignatureLayout");
  });

  it("when a false instructions sysvar is passed", async () => {
    const [verification, settle] = await pair();
    const real = address("Sysvar1nstructions1111111111111111111111111");
    const fake = (await generateKeyPairSigner()).address;
    world.svm.setAccount({
      address: fake,
      data: new Uint8Array(1_000),
      executable: false,
      lamports: lamports(world.svm.minimumBalanceForRentExemption(1_000n)),
      programAddress: address("Sysvar1111111111111111111111111111111111111"),
      space: 1_000n,
    });
    expect(await refused(verification, withAccount(settle, SYSVAR, { address: fake }))).toBe(
      "WrongInstructionsSysvar",
    );
    expect(settle.accounts?.[SYSVAR]?.address).toBe(real);
  });

  it.each([
    ["MalformedReading", 0],
    ["ReadingForAnotherProgram", 16],
    ["ReadingForAnotherNetwork", 48],
    ["ReadingForAnotherChain", 80],
    ["ReadingForAnotherEscrow", 112],
    ["ReadingForAnotherOpening", 144],
    ["MalformedReading", 152],
    ["MalformedReading", 153],
  ])("as %s when byte %i of the reading is another", async (reason, at) => {
    const reading = await readingWith((bytes) => bytes.set([(bytes[at] ?? 0) ^ 2], at));
    expect(await refused(...(await signed(reading)))).toBe(reason);
  });

  it("when the reading is for another escrow of the same engineer and suppliers", async () => {
    const other = await open(world, [await lease(world), await lease(world)], 2n);
    const [verification] = await settlement(world, other, [100, 100]);
    const [, settle] = await pair();
    if (verification === undefined) throw new Error("no verification");
    expect(await refused(verification, settle)).toBe("ReadingForAnotherEscrow");
  });

  it("when the reading names no lease of the escrow, or one twice, or leaves one out of a final reading", async () => {
    const leaseAt = 154;
    const unknown = await readingWith((bytes) => bytes.set([2], leaseAt));
    expect(await refused(...(await signed(unknown)))).toBe("UnknownLease");
    const once = await readingWith(() => {});
    const twice = new Uint8Array([...once, ...once.subarray(leaseAt)]);
    twice[leaseAt - 1] = 2;
    expect(await refused(...(await signed(twice)))).toBe("LeasesOutOfOrder");
    const final = await settlement(world, escrow, [{ index: 0, seconds: 100 }], { final: true });
    expect(await refused(...final)).toBe("FinalReadingIncomplete");
  });

  it("when it names too few destinations or too many", async () => {
    const [verification, settle] = await pair();
    const accounts = settle.accounts ?? [];
    expect(await refused(verification, { ...settle, accounts: accounts.slice(0, -1) })).toBe(
      "NotEnoughAccounts",
    );
    const more = [...accounts, ...accounts.slice(-1)];
    expect(await refused(verification, { ...settle, accounts: more })).toBe("NotEnoughAccounts");
    expect(await refused(verification, { ...settle, accounts: accounts.slice(0, 3) })).toBe(
      "NotEnoughAccounts",
    );
  });

  it("when a destination belongs to another wallet, mint or program", async () => {
    const [verification, settle] = await pair();
    const to = (destination: Address) => withAccount(settle, FIRST_DESTINATION, { address: destination });
    const strangers = await putTokens(world.svm, { mint: world.usdc, wallet: world.stranger.address });
    expect(await refused(verification, to(strangers))).toBe("WrongDestination");
    const otherMint = (await generateKeyPairSigner()).address;
    putMint(world.svm, otherMint);
    const [supplier = world.engineer.address] = suppliers;
    expect(
      await refused(verification, to(await putTokens(world.svm, { mint: otherMint, wallet: supplier }))),
    ).toBe("WrongDestination");
    for (const wrong of [
      escrow.address,
      escrow.vault,
      await networkAddress(),
      world.usdc,
      await tokenAccountOf(suppliers[1] ?? supplier, world.usdc),
    ]) {
      expect(await refused(verification, to(wrong))).toBe("WrongDestination");
    }
  });

  it("when the fee would go anywhere but to the treasury", async () => {
    const [verification, settle] = await pair();
    for (const wrong of [
      await tokenAccountOf(world.engineer.address, world.usdc),
      escrow.vault,
      escrow.address,
    ]) {
      expect(await refused(verification, withAccount(settle, TREASURY, { address: wrong }))).toBe(
        "WrongTreasury",
      );
    }
  });

  it("when escrow, vault, network or token program are others", async () => {
    const [verification, settle] = await pair();
    const second = await open(world, [await lease(world), await lease(world)], 2n);
    const cases: [number, Address, string][] = [
      [ESCROW, second.address, "WrongVault"],
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
      expect(await refused(verification, withAccount(settle, position, { address: wrong }))).toBe(reason);
    }
  });

  it("when a copy of the escrow's bytes lies in an account of another program", async () => {
    const [verification, settle] = await pair();
    const copy = world.svm.getAccount(escrow.address);
    if (!copy.exists) throw new Error("no escrow");
    const fake = (await generateKeyPairSigner()).address;
    world.svm.setAccount({
      ...copy,
      address: fake,
      programAddress: address("11111111111111111111111111111111"),
    });
    expect(await refused(verification, withAccount(settle, ESCROW, { address: fake }))).toBe("WrongEscrow");
  });

  it("when escrow or vault are not writable", async () => {
    const [verification, settle] = await pair();
    expect(await refused(verification, withAccount(settle, ESCROW, { role: AccountRole.READONLY }))).toBe(
      "WrongEscrow",
    );
    expect(await refused(verification, withAccount(settle, VAULT, { role: AccountRole.READONLY }))).not.toBe(
      "accepted",
    );
  });

  it("when its data says anything", async () => {
    const [verification, settle] = await pair();
    expect(await refused(verification, { ...settle, data: new Uint8Array([2, 0]) })).toBe(
      "MalformedInstruction",
    );
    expect(await refused(verification, { ...settle, data: new Uint8Array([9]) })).toBe(
      "MalformedInstruction",
    );
    expect(await refused(verification, { ...settle, data: new Uint8Array() })).toBe("MalformedInstruction");
  });
});

describe("a reading of a closed escrow", () => {
  it("pays nothing out of a new escrow at the same address", async () => {
    const old = await settlement(world, escrow, [100, 100]);
    expect(await close(world, await settle(world, escrow, [0, 0], { final: true }))).toBeNull();
    advance(world.svm, 1);
    const [supplier] = suppliers;
    if (supplier === undefined) throw new Error("no supplier");
    const leases = [
      await lease(world, { supplier }),
      await lease(world, { supplier: await newSupplier(world) }),
    ];
    const reopened = await open(world, leases);
    expect(reopened.address).toBe(escrow.address);
    advance(world.svm, 100);
    expect(await attempt(...old)).toBe("ReadingForAnotherOpening");
  });

  it("pays nothing once the escrow is gone", async () => {
    const instructions = await settlement(world, escrow, [100, 100]);
    await close(world, await settle(world, escrow, [0, 0], { final: true }));
    expect(findEscrow(world, escrow.address)).toBeNull();
    expect(await attempt(...instructions)).toBe("WrongEscrow");
  });
});

/** A signature over one message, with another, larger claim where a reading is looked for. */
async function hiddenMessage(): Promise<{ bytes: Uint8Array; message: number }> {
  const honest = await readingWith(() => {});
  const claim = await readingWith((bytes) => bytes.set([0xff, 0xff], 155));
  const message = MESSAGE_AT + claim.length;
  const bytes = new Uint8Array(message + honest.length);
  const view = new DataView(bytes.buffer);
  for (const [at, value] of [1, 48, 0xffff, 16, 0xffff, message, honest.length, 0xffff].entries()) {
    view.setUint16(2 * at, value, true);
  }
  const [verification] = await signed(honest);
  bytes.set((verification?.data ?? new Uint8Array()).subarray(16, MESSAGE_AT), 16);
  bytes.set(claim, MESSAGE_AT);
  bytes.set(honest, message);
  return { bytes, message };
}
