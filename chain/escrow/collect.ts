import type { Address, Instruction, TransactionSigner } from "@solana/kit";
import { paymentAccountOf } from "../tokens/currency.ts";
import type { EscrowState } from "./escrow-state.ts";
import { getCollectInstructionAsync } from "./generated/instructions/collect.ts";

/**
 * Pays a wallet everything that it is owed by an escrow and did not get, because its account was missing, frozen or
 * too poor: for all its leases, or for the treasury the fee.
 */
export async function collectInstruction(terms: {
  /** A lease's supplier, or the network's treasury. */
  wallet: TransactionSigner;
  escrow: EscrowState;
  /** Any account of the escrow's mint, in SOL any account; the wallet's own where not given. */
  destination?: Address;
}): Promise<Instruction> {
  const { wallet, escrow } = terms;
  return await getCollectInstructionAsync({
    wallet,
    escrow: escrow.address,
    vault: escrow.vault,
    destination: terms.destination ?? (await paymentAccountOf(wallet.address, escrow.mint)),
  });
}
