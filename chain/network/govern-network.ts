import type { Address, Instruction, TransactionSigner } from "@solana/kit";
import { getApplyParametersInstructionAsync } from "../escrow/generated/instructions/applyParameters.ts";
import { getProposeParametersInstructionAsync } from "../escrow/generated/instructions/proposeParameters.ts";
import { getRevokeMeterInstructionAsync } from "../escrow/generated/instructions/revokeMeter.ts";
import { getSetPauseInstructionAsync } from "../escrow/generated/instructions/setPause.ts";
import { mintAccounts, type ParameterTerms, parameterArguments } from "./parameters.ts";

/**
 * Proposes a full set of parameters, signed by the network's authority. It can be applied 48 hours later; an earlier
 * proposal is gone.
 */
export async function proposeParametersInstruction(terms: {
  authority: TransactionSigner;
  parameters: ParameterTerms;
}): Promise<Instruction> {
  const { authority, parameters } = terms;
  const instruction = await getProposeParametersInstructionAsync({
    authority,
    newAuthority: parameters.authority,
    newGuardian: parameters.guardian,
    newTreasury: parameters.treasury,
    ...parameterArguments(parameters),
  });
  return { ...instruction, accounts: [...instruction.accounts, ...mintAccounts(parameters)] };
}

/** Puts what was proposed 48 hours ago into force. Anybody may send it. */
export async function applyParametersInstruction(): Promise<Instruction> {
  return await getApplyParametersInstructionAsync({});
}

/** Takes a meter's key away at once, signed by the guardian; also out of a proposal that waits. */
export async function revokeMeterInstruction(terms: {
  guardian: TransactionSigner;
  meter: Address;
}): Promise<Instruction> {
  return await getRevokeMeterInstructionAsync(terms);
}

/** Pauses new escrows at once, or lifts that, signed by the guardian. Payouts and refunds never stop. */
export async function setPauseInstruction(terms: {
  guardian: TransactionSigner;
  paused: boolean;
}): Promise<Instruction> {
  return await getSetPauseInstructionAsync({ guardian: terms.guardian, paused: terms.paused ? 1 : 0 });
}
