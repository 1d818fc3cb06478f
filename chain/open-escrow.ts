import type { Address, Instruction, TransactionSigner } from "@solana/kit";
import { address } from "@solana/kit";
import { escrowAddress, tokenAccountOf } from "./addresses.ts";
import { getOpenEscrowInstructionAsync } from "./generated/escrow/instructions/openEscrow.ts";

export type OpenEscrow = {
  engineer: TransactionSigner;
  /** Pays the accounts' rent and gets it back at the end; the engineer where not given. */
  rentPayer?: TransactionSigner;
  /** A u64 that this engineer has no open escrow of. */
  id: bigint;
  mint: Address;
  /** Base units; at least Σ ⌈rate × maxSeconds ÷ 3600⌉. */
  deposit: bigint;
  /** One to fifty. */
  leases: readonly { supplier: Address; ratePerHour: bigint; maxSeconds: number }[];
  /** Who may replace ended leases; nobody where not given. */
  delegate?: Address;
};

const NOBODY = address("11111111111111111111111111111111");

/** Opens an escrow and funds it from the engineer's associated token account. The leases start at once. */
export async function openEscrowInstruction(terms: OpenEscrow): Promise<Instruction> {
  const { engineer, id, mint, deposit } = terms;
  const escrow = await escrowAddress(engineer.address, id);
  return await getOpenEscrowInstructionAsync({
    ...{ engineer, escrow, mint, id, deposit },
    rentPayer: terms.rentPayer ?? engineer,
    vault: await tokenAccountOf(escrow, mint),
    engineerTokens: await tokenAccountOf(engineer.address, mint),
    delegate: terms.delegate ?? NOBODY,
    leases: [...terms.leases],
  });
}
