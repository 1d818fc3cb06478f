import { AccountRole, type Address, type Instruction, type TransactionSigner } from "@solana/kit";
import { chainTag, programDataAddress } from "./addresses.ts";
import { getInitializeNetworkInstructionAsync } from "./generated/escrow/instructions/initializeNetwork.ts";

export type InitializeNetwork = {
  payer: TransactionSigner;
  /** Who may upgrade the program: nobody else can initialise, so nobody is first. */
  upgradeAuthority: TransactionSigner;
  authority: Address;
  guardian: Address;
  /** The wallet that the fee is paid to. */
  treasury: Address;
  genesisHash: string;
  /** One to four keys that sign readings. */
  meters: readonly Address[];
  /** One to four SPL mints, each with its fee in basis points, at most 500. */
  mints: readonly { mint: Address; feeBps: number }[];
  /** The shortest bill of a lease; 60. */
  minimumSeconds?: number;
  /** After a lease's last possible second anybody may release the rest; 24 hours. */
  releaseAfterSeconds?: number;
};

const MINIMUM_SECONDS = 60;
const RELEASE_AFTER_SECONDS = 86_400;

/** Writes the network's parameters, once for a program. */
export async function initializeNetworkInstruction(terms: InitializeNetwork): Promise<Instruction> {
  const { payer, upgradeAuthority, authority, guardian, treasury } = terms;
  const instruction = await getInitializeNetworkInstructionAsync({
    ...{ payer, upgradeAuthority, authority, guardian, treasury },
    programData: await programDataAddress(),
    chainTag: chainTag(terms.genesisHash),
    minimumSeconds: terms.minimumSeconds ?? MINIMUM_SECONDS,
    releaseAfterSeconds: terms.releaseAfterSeconds ?? RELEASE_AFTER_SECONDS,
    meters: [...terms.meters],
    mints: [...terms.mints],
  });
  const mints = terms.mints.map(({ mint }) => ({ address: mint, role: AccountRole.READONLY }));
  return { ...instruction, accounts: [...instruction.accounts, ...mints] };
}
