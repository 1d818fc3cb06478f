import type { Address, Commitment } from "@solana/kit";
import type { Chain } from "../rpc/connect.ts";
import { asChainError } from "../rpc/errors.ts";

/** Accounts in one question: the limit of Solana's own nodes. */
const ACCOUNTS_A_CALL = 100;

/** Lamports for a wallet. */
export type LamportPayment = { wallet: Address; amount: bigint };

/**
 * Which of these payments their wallets can take, one after the other: an account must not end below the rent exemption
 * of its size, and a program takes nothing. The escrow program judges each payment the same way and skips those that
 * can't be made. Throws ChainErrors.
 */
export async function payableLamports(
  chain: Chain,
  payments: readonly LamportPayment[],
  commitment: Commitment,
): Promise<boolean[]> {
  const accounts = await readBalances(chain, [...new Set(payments.map(({ wallet }) => wallet))], commitment);
  return payments.map(({ wallet, amount }) => {
    const account = accounts.get(wallet);
    if (account === undefined || account.executable) return false;
    if (account.lamports + amount < account.minimum) return false;
    account.lamports += amount;
    return true;
  });
}

/** What an account of this size must hold, in lamports. Throws ChainErrors. */
export async function rentExemption(chain: Chain, bytes: bigint): Promise<bigint> {
  return await chain.rpc
    .getMinimumBalanceForRentExemption(bytes)
    .send()
    .catch((cause: unknown) => {
      throw asChainError(chain, cause);
    });
}

type LamportBalance = { lamports: bigint; executable: boolean; minimum: bigint };

async function readBalances(
  chain: Chain,
  wallets: readonly Address[],
  commitment: Commitment,
): Promise<Map<Address, LamportBalance>> {
  const minima = new Map([[0n, await rentExemption(chain, 0n)]]);
  const found = new Map<Address, LamportBalance>();
  for (let start = 0; start < wallets.length; start += ACCOUNTS_A_CALL) {
    const part = wallets.slice(start, start + ACCOUNTS_A_CALL);
    const { value } = await chain.rpc
      .getMultipleAccounts(part, { commitment, encoding: "base64", dataSlice: { offset: 0, length: 0 } })
      .send()
      .catch((cause: unknown) => {
        throw asChainError(chain, cause);
      });
    for (const [index, wallet] of part.entries()) {
      const account = value[index] ?? null;
      const size = account?.space ?? 0n;
      const minimum = minima.get(size) ?? (await rentExemption(chain, size));
      minima.set(size, minimum);
      found.set(wallet, {
        lamports: account?.lamports ?? 0n,
        executable: account?.executable ?? false,
        minimum,
      });
    }
  }
  return found;
}
