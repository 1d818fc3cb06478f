import type { Address, Signature } from "@solana/kit";
import type { Chain } from "./connect.ts";
import { asChainError } from "./errors.ts";

/** What a transaction did, as the chain recorded it: changes of accounts in base units and in lamports. */
export type Receipt = {
  signature: Signature;
  feeLamports: bigint;
  /** By token account. */
  tokens: ReadonlyMap<Address, bigint>;
  /** By account; the first payer's includes the fee. */
  lamports: ReadonlyMap<Address, bigint>;
};

/** Reads what a confirmed transaction did. Only for those that name no lookup table. Throws ChainErrors. */
export async function readReceipt(chain: Chain, signature: Signature): Promise<Receipt> {
  const transaction = await chain.rpc
    .getTransaction(signature, {
      commitment: "confirmed",
      encoding: "json",
      maxSupportedTransactionVersion: 1,
    })
    .send()
    .catch((cause: unknown) => {
      throw asChainError(chain, cause);
    });
  const meta = transaction?.meta;
  if (!meta) throw new Error(`${chain.url} confirmed ${signature} and does not have it`);
  const { accountKeys } = transaction.transaction.message;
  const tokens = new Map<Address, bigint>();
  const lamports = new Map<Address, bigint>();
  const add = (to: Map<Address, bigint>, index: number, amount: bigint) => {
    const account = accountKeys[index];
    if (account !== undefined) to.set(account, (to.get(account) ?? 0n) + amount);
  };
  for (const { accountIndex, uiTokenAmount } of meta.preTokenBalances ?? []) {
    add(tokens, accountIndex, -BigInt(uiTokenAmount.amount));
  }
  for (const { accountIndex, uiTokenAmount } of meta.postTokenBalances ?? []) {
    add(tokens, accountIndex, BigInt(uiTokenAmount.amount));
  }
  for (const [index, before] of meta.preBalances.entries()) {
    add(lamports, index, (meta.postBalances[index] ?? before) - before);
  }
  return { signature, feeLamports: meta.fee, tokens, lamports };
}
