import {
  type Address,
  address,
  createAddressWithSeed,
  type Instruction,
  type TransactionSigner,
} from "@solana/kit";
import {
  getAdvanceNonceAccountInstruction,
  getCreateAccountWithSeedInstruction,
  getInitializeNonceAccountInstruction,
  getNonceDecoder,
  getNonceSize,
  NonceState,
  SYSTEM_PROGRAM_ADDRESS,
} from "@solana-program/system";
import { readAccount } from "./account-bytes.ts";
import type { Chain } from "./connect.ts";
import { asChainError } from "./errors.ts";

/** A wallet has one such account, used again for each of its agreements. */
const SEED = "ionet-agreement";
const RECENT_BLOCKHASHES = address("SysvarRecentB1ockHashes11111111111111111111");

/** A wallet's own nonce: what a transaction lives by that is signed today and sent any day. */
export type OwnNonce = { account: Address; value: string };

/** Where a wallet's nonce account is, made or not. */
export const nonceAccountOf = (wallet: Address): Promise<Address> =>
  createAddressWithSeed({ baseAddress: wallet, programAddress: SYSTEM_PROGRAM_ADDRESS, seed: SEED });

/** A wallet's nonce, or null when it has no such account yet. Throws ChainErrors. */
export async function readOwnNonce(chain: Chain, wallet: Address): Promise<OwnNonce | null> {
  const account = await nonceAccountOf(wallet);
  const there = await readAccount(chain, account, "confirmed");
  if (there?.owner !== SYSTEM_PROGRAM_ADDRESS || there.data.length !== getNonceSize()) return null;
  const { state, authority, blockhash } = getNonceDecoder().decode(there.data);
  return state === NonceState.Initialized && authority === wallet ? { account, value: blockhash } : null;
}

/** Makes a wallet's nonce account: instructions and the rent that stays in it, lamports. */
export async function createNonceInstructions(
  chain: Chain,
  wallet: TransactionSigner,
): Promise<{ instructions: Instruction[]; rentLamports: bigint }> {
  const nonceAccount = await nonceAccountOf(wallet.address);
  const space = BigInt(getNonceSize());
  const rentLamports = await chain.rpc
    .getMinimumBalanceForRentExemption(space)
    .send()
    .catch((cause: unknown) => {
      throw asChainError(chain, cause);
    });
  const create = getCreateAccountWithSeedInstruction({
    ...{ payer: wallet, newAccount: nonceAccount, base: wallet.address, seed: SEED },
    ...{ amount: rentLamports, space, programAddress: SYSTEM_PROGRAM_ADDRESS },
  });
  const initialise = getInitializeNonceAccountInstruction({ nonceAccount, nonceAuthority: wallet.address });
  return { instructions: [create, initialise], rentLamports };
}

/** Gives a wallet's nonce another value: whatever was signed for the one before can never land. */
export const advanceNonceInstruction = (wallet: TransactionSigner, account: Address): Instruction =>
  getAdvanceNonceAccountInstruction({
    ...{ nonceAccount: account, nonceAuthority: wallet },
    recentBlockhashesSysvar: RECENT_BLOCKHASHES,
  });
