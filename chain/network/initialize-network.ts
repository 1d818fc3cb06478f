import type { Instruction, TransactionSigner } from "@solana/kit";
import { getInitializeNetworkInstructionAsync } from "../escrow/generated/instructions/initializeNetwork.ts";
import { chainTag } from "../rpc/chain-tag.ts";
import { mintAccounts, type ParameterTerms, parameterArguments } from "./parameters.ts";
import { programDataAddress } from "./program-data.ts";

export type InitializeNetwork = ParameterTerms & {
  payer: TransactionSigner;
  /** Who may upgrade the program: nobody else can initialise, so nobody is first. */
  upgradeAuthority: TransactionSigner;
  genesisHash: string;
};

/** Writes the network's parameters, once for a program. */
export async function initializeNetworkInstruction(terms: InitializeNetwork): Promise<Instruction> {
  const { payer, upgradeAuthority, authority, guardian, treasury } = terms;
  const instruction = await getInitializeNetworkInstructionAsync({
    ...{ payer, upgradeAuthority, authority, guardian, treasury },
    ...parameterArguments(terms),
    programData: await programDataAddress(),
    chainTag: chainTag(terms.genesisHash),
  });
  return { ...instruction, accounts: [...instruction.accounts, ...mintAccounts(terms)] };
}
