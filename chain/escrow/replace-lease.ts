import type { Address, Instruction, TransactionSigner } from "@solana/kit";
import { supplierAddress } from "./addresses.ts";
import type { EscrowState } from "./escrow-state.ts";
import { getRegisterSupplierInstruction } from "./generated/instructions/registerSupplier.ts";
import { getReplaceLeaseInstruction } from "./generated/instructions/replaceLease.ts";

/** Registers a wallet as a supplier, once: only such wallets can stand in for others. */
export async function registerSupplierInstruction(terms: {
  /** Pays the account's rent. */
  payer: TransactionSigner;
  wallet: TransactionSigner;
}): Promise<Instruction> {
  const { payer, wallet } = terms;
  return getRegisterSupplierInstruction({ payer, wallet, supplier: await supplierAddress(wallet.address) });
}

/**
 * Puts a lease in place of one that has ended: at most at its rate, within what it left over of its budget, starting
 * now. It comes last in the escrow's table.
 */
export async function replaceLeaseInstruction(terms: {
  /** Whom the engineer named at the opening. */
  delegate: TransactionSigner;
  escrow: EscrowState;
  /** The position of the one that has ended. */
  lease: number;
  /** The wallet of a registered supplier. */
  supplier: Address;
  ratePerHour: bigint;
  maxSeconds: number;
}): Promise<Instruction> {
  const { delegate, escrow, lease, ratePerHour, maxSeconds } = terms;
  return getReplaceLeaseInstruction({
    ...{ delegate, lease, ratePerHour, maxSeconds },
    escrow: escrow.address,
    supplier: await supplierAddress(terms.supplier),
    openedSlot: escrow.openedSlot,
  });
}
