import { decodeReading } from "@ionet/protocol";
import {
  type AccountMeta,
  AccountRole,
  type Address,
  address,
  getAddressEncoder,
  type Instruction,
} from "@solana/kit";
import { paymentAccountOf } from "../tokens/currency.ts";
import { ESCROW_PROGRAM } from "./addresses.ts";
import type { EscrowState } from "./escrow-state.ts";
import { getSettleInstructionAsync } from "./generated/instructions/settle.ts";

export type Settle = {
  /** The reading's bytes, as the meter signed them. */
  reading: Uint8Array;
  /** Ed25519, 64 bytes. */
  signature: Uint8Array;
  /** The key that signed: one of the network's meters. */
  meter: Address;
  escrow: EscrowState;
  /** The network's treasury wallet. */
  treasury: Address;
  /**
   * Positions in the escrow of the leases to pay in this transaction, where not all fit into one. The others'
   * seconds are booked all the same, and a later settlement with the same reading pays them.
   */
  payLeases?: readonly number[];
};

const ED25519 = address("Ed25519SigVerify111111111111111111111111111");
const KEY_AT = 16;
const SIGNATURE_AT = 48;
const MESSAGE_AT = 112;
const THIS_INSTRUCTION = 0xffff;

/**
 * Pays what a reading has earned: an Ed25519 verification and the settlement, which must stay together and in
 * this order. Anybody may send them. Suppliers without a token account are skipped, their share waits.
 */
export async function settleInstructions(terms: Settle): Promise<Instruction[]> {
  const { escrow, treasury } = terms;
  const settle = await getSettleInstructionAsync({
    escrow: escrow.address,
    vault: escrow.vault,
    treasuryTokens: await paymentAccountOf(treasury, escrow.mint),
  });
  const destinations = await Promise.all(
    decodeReading(terms.reading).leases.map(({ index }) => destinationOf(terms, index)),
  );
  return [verifyReadingInstruction(terms), { ...settle, accounts: [...settle.accounts, ...destinations] }];
}

async function destinationOf({ escrow, payLeases }: Settle, index: number): Promise<AccountMeta> {
  const lease = escrow.leases[index];
  // The program refuses a reading of leases that the escrow lacks; its own address stands for "not now".
  if (lease === undefined || payLeases?.includes(index) === false) {
    return { address: ESCROW_PROGRAM, role: AccountRole.READONLY };
  }
  return { address: await paymentAccountOf(lease.supplier, escrow.mint), role: AccountRole.WRITABLE };
}

/**
 * Has the runtime verify a reading's signature, right before the settlement that uses it. One signature with
 * everything inline: the only layout that the program takes.
 */
export function verifyReadingInstruction(
  terms: Pick<Settle, "reading" | "signature" | "meter">,
): Instruction {
  const { reading, signature, meter } = terms;
  const data = new Uint8Array(MESSAGE_AT + reading.length);
  const view = new DataView(data.buffer);
  view.setUint16(0, 1, true);
  const offsets = [SIGNATURE_AT, THIS_INSTRUCTION, KEY_AT, THIS_INSTRUCTION];
  [...offsets, MESSAGE_AT, reading.length, THIS_INSTRUCTION].forEach((value, position) => {
    view.setUint16(2 + 2 * position, value, true);
  });
  data.set(getAddressEncoder().encode(meter), KEY_AT);
  data.set(signature, SIGNATURE_AT);
  data.set(reading, MESSAGE_AT);
  return { programAddress: ED25519, accounts: [], data };
}
