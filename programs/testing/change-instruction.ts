import type { AccountMeta, Instruction } from "@solana/kit";

/** The instruction with one account put in place of another. */
export function withAccount(
  instruction: Instruction,
  position: number,
  change: Partial<AccountMeta>,
): Instruction {
  const accounts = [...(instruction.accounts ?? [])];
  const before = accounts[position];
  if (before === undefined) throw new RangeError(`no account ${position}`);
  // A signer's key would sign for the old address.
  accounts[position] = { address: before.address, role: before.role, ...change };
  return { ...instruction, accounts };
}

/** The instruction with its data changed. */
export const withData = (instruction: Instruction, change: (data: Uint8Array) => void): Instruction => {
  const data = new Uint8Array(instruction.data ?? []);
  change(data);
  return { ...instruction, data };
};
