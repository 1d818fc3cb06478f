import { type EscrowState, readingBytes, settleInstructions, signReading } from "@ionet/chain";
import type { Address, Instruction } from "@solana/kit";
import { expect } from "vitest";
import { refusal, run } from "../../testing/run.ts";
import { advance } from "../../testing/svm.ts";
import { escrowOf, GENESIS, lease, newWorld, open, settlement, tokensOf, type World } from "./world.ts";

export const MESSAGE_AT = 112;

/** A running escrow of two leases, 100 seconds old, that somebody wants to rob. */
export type Target = { world: World; escrow: EscrowState; suppliers: Address[] };

export async function newTarget(): Promise<Target> {
  const world = await newWorld();
  const leases = [await lease(world), await lease(world)];
  const escrow = await open(world, leases);
  advance(world.svm, 100);
  return { world, escrow, suppliers: leases.map(({ supplier }) => supplier) };
}

export async function pair({ world, escrow }: Target): Promise<[Instruction, Instruction]> {
  const [verification, settle] = await settlement(world, escrow, [100, 100]);
  if (verification === undefined || settle === undefined) throw new Error("two instructions are needed");
  return [verification, settle];
}

export const attempt = ({ world }: Target, ...instructions: Instruction[]) =>
  refusal(run(world.svm, world.stranger, instructions));

/** The refusal, with proof that it changed nothing. */
export async function refused(target: Target, ...instructions: Instruction[]): Promise<string> {
  const { world, escrow, suppliers } = target;
  const reason = await attempt(target, ...instructions);
  expect(escrowOf(world, escrow.address)).toEqual(escrow);
  expect(await Promise.all(suppliers.map((wallet) => tokensOf(world, wallet)))).toEqual([0n, 0n]);
  return reason;
}

/** A settlement of hand-made reading bytes, properly signed. */
export async function signed({ world, escrow }: Target, reading: Uint8Array): Promise<Instruction[]> {
  const signer = world.meter;
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

export async function readingWith(
  { escrow }: Target,
  change: (bytes: Uint8Array) => void,
): Promise<Uint8Array> {
  const bytes = await readingBytes({
    escrow,
    genesisHash: GENESIS,
    final: false,
    leases: [{ index: 0, seconds: 100 }],
  });
  change(bytes);
  return bytes;
}
