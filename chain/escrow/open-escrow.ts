import type { Address, Instruction, TransactionSigner } from "@solana/kit";
import { address } from "@solana/kit";
import { paymentAccountOf } from "../tokens/currency.ts";
import { escrowAddress } from "./addresses.ts";
import { getOpenEscrowInstructionAsync } from "./generated/instructions/openEscrow.ts";

export type OpenEscrow = {
  engineer: TransactionSigner;
  /** Pays the accounts' rent and gets it back at the end; the engineer where not given. */
  rentPayer?: TransactionSigner;
  /** A u64 that this engineer has no open escrow of. */
  id: bigint;
  /** NATIVE_SOL for SOL. */
  mint: Address;
  /** Base units; at least Σ ⌈rate × maxSeconds ÷ 3600⌉. */
  deposit: bigint;
  /** One to fifty. */
  leases: readonly { supplier: Address; ratePerHour: bigint; maxSeconds: number }[];
  /** Who may replace ended leases; nobody where not given. */
  delegate?: Address;
  /** Room for this many replacements, its rent paid now; at most 50 with the leases. */
  spareLeases?: number;
};

const MAX_LEASES = 50;
/** The program's own sizes: what stands before the leases, and one lease. */
const HEADER_BYTES = 288n;
const LEASE_BYTES = 96n;

/** How large an escrow's account is with room for so many leases: its rent goes by that. */
export const escrowBytes = (leases: number): bigint => HEADER_BYTES + LEASE_BYTES * BigInt(leases);

const NOBODY = address("11111111111111111111111111111111");

/**
 * Opens an escrow and funds it from the engineer's associated token account, or in SOL from the wallet itself. The
 * leases start at once. Where a delegate is named and nothing else said, every lease can be replaced once, as far as
 * 50 go.
 */
export async function openEscrowInstruction(terms: OpenEscrow): Promise<Instruction> {
  const { engineer, id, mint, deposit } = terms;
  const escrow = await escrowAddress(engineer.address, id);
  return await getOpenEscrowInstructionAsync({
    ...{ engineer, escrow, mint, id, deposit },
    rentPayer: terms.rentPayer ?? engineer,
    vault: await paymentAccountOf(escrow, mint),
    engineerTokens: await paymentAccountOf(engineer.address, mint),
    delegate: terms.delegate ?? NOBODY,
    spareLeases: terms.spareLeases ?? room(terms),
    leases: [...terms.leases],
  });
}

function room({ delegate, leases }: OpenEscrow): number {
  return delegate === undefined ? 0 : Math.min(leases.length, Math.max(0, MAX_LEASES - leases.length));
}
