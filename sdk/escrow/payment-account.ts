import {
  type Chain,
  createTokenAccountInstruction,
  isNative,
  paymentAccountOf,
  readTokenAccount,
} from "@ionet/chain";
import { problem } from "@ionet/protocol";
import type { Address, Instruction, TransactionSigner } from "@solana/kit";

/** An account of the SPL token program, bytes: what its rent is paid for. */
const TOKEN_ACCOUNT_BYTES = 165n;

/** Where money can go, and what has to be made first. */
export type PaymentAccount = {
  address: Address;
  /** Makes the account that is missing; none where it is there. */
  make: Instruction[];
  /** What making it costs, lamports; it returns to the wallet that closes the account one day. */
  rentLamports: bigint;
};

/**
 * The wallet's own account in a currency, made by the payer where it is missing; in SOL the wallet itself. Null when it is
 * frozen or was given away: then only another account helps.
 */
export async function ownAccount(
  chain: Chain,
  terms: { payer: TransactionSigner; wallet: Address; mint: Address },
): Promise<PaymentAccount | null> {
  const { wallet, mint } = terms;
  const at = await paymentAccountOf(wallet, mint);
  if (isNative(mint)) return { address: at, make: [], rentLamports: 0n };
  const account = await readTokenAccount(chain, at, "confirmed");
  if (account !== null) {
    const takes = account.owner === wallet && account.mint === mint && !account.frozen;
    return takes ? { address: at, make: [], rentLamports: 0n } : null;
  }
  const rentLamports = await chain.rpc.getMinimumBalanceForRentExemption(TOKEN_ACCOUNT_BYTES).send();
  return { address: at, make: [await createTokenAccountInstruction(terms)], rentLamports };
}

/** An account that a wallet has chosen for itself, whose ever it is. Throws `account-unavailable`. */
export async function chosenAccount(chain: Chain, at: Address, mint: Address): Promise<PaymentAccount> {
  if (isNative(mint)) return { address: at, make: [], rentLamports: 0n };
  const account = await readTokenAccount(chain, at, "confirmed");
  if (account?.mint === mint && !account.frozen) return { address: at, make: [], rentLamports: 0n };
  throw problem("account-unavailable", {
    detail: "the destination can't take the escrow's currency; nothing was sent",
    field: "destination",
    given: `${at}: ${account === null ? "no token account" : account.frozen ? "frozen" : `of mint ${account.mint}`}`,
    allowed: `a token account of mint ${mint} that takes transfers`,
    next: "name a token account (not a wallet) of that mint with --destination",
  });
}
