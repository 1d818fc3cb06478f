import { type Chain, isNative } from "@ionet/chain";
import { address, type Signature } from "@solana/kit";

/** One transaction that touched an escrow: by how much it changed what each wallet holds of the escrow's mint. */
export type Movement = { signature: string; slot: bigint; changes: Map<string, bigint> };

type Balance = { mint: string; owner?: string; uiTokenAmount: { amount: string } };

const NONE_LOADED = { writable: [], readonly: [] };
/** Signatures in one call: the limit of Solana's own nodes. */
const SIGNATURES_A_CALL = 1000;
const TRANSACTIONS_AT_ONCE = 20;

/**
 * Every successful, finalised transaction of an escrow since it opened, oldest first, with its balance changes: the proof of
 * who was paid what, even when the escrow's account is gone. The vault stands under the escrow's address, its owner; in
 * SOL it is the escrow itself, with its rent.
 */
export async function readHistory(
  chain: Chain,
  escrow: { address: string; mint: string; openedSlot: bigint },
): Promise<Movement[]> {
  const movements: Movement[] = [];
  const signatures = await signaturesOf(chain, escrow);
  // Anybody may name the escrow in transactions of its own: thousands of them are not to take a call's time each.
  for (let start = 0; start < signatures.length; start += TRANSACTIONS_AT_ONCE) {
    const part = signatures.slice(start, start + TRANSACTIONS_AT_ONCE);
    movements.push(...(await Promise.all(part.map((each) => readMovement(chain, escrow, each)))));
  }
  return movements;
}

async function readMovement(
  chain: Chain,
  escrow: { mint: string },
  { signature, slot }: { signature: Signature; slot: bigint },
): Promise<Movement> {
  const transaction = await chain.rpc
    .getTransaction(signature, {
      commitment: "finalized",
      encoding: "json",
      maxSupportedTransactionVersion: 1,
    })
    .send();
  if (!transaction?.meta) throw new Error(`the RPC endpoint lists ${signature} and does not have it`);
  // The balances of accounts that came out of lookup tables stand behind those of the transaction's own.
  const tables =
    ("loadedAddresses" in transaction.meta ? transaction.meta.loadedAddresses : null) ?? NONE_LOADED;
  const changes = isNative(address(escrow.mint))
    ? lamportChangesOf(
        [...transaction.transaction.message.accountKeys, ...tables.writable, ...tables.readonly],
        transaction.meta,
      )
    : changesOf(
        transaction.meta.preTokenBalances ?? [],
        transaction.meta.postTokenBalances ?? [],
        escrow.mint,
      );
  return { signature, slot, changes };
}

async function signaturesOf(chain: Chain, escrow: { address: string; openedSlot: bigint }) {
  const found: { signature: Signature; slot: bigint }[] = [];
  let before: Signature | undefined;
  for (;;) {
    const page = await chain.rpc
      .getSignaturesForAddress(address(escrow.address), {
        commitment: "finalized",
        limit: SIGNATURES_A_CALL,
        ...(before === undefined ? {} : { before }),
      })
      .send();
    found.push(...page.filter(({ err, slot }) => err === null && slot >= escrow.openedSlot));
    before = page.at(-1)?.signature;
    const isAtOpening = (page.at(-1)?.slot ?? 0n) < escrow.openedSlot;
    if (page.length < SIGNATURES_A_CALL || isAtOpening) return found.reverse();
  }
}

/** What each owner has more (or less) of this mint after than before. */
export function changesOf(
  before: readonly Balance[],
  after: readonly Balance[],
  mint: string,
): Map<string, bigint> {
  const changes = new Map<string, bigint>();
  const add = (balances: readonly Balance[], sign: bigint) => {
    for (const { owner, uiTokenAmount, mint: of } of balances) {
      if (of !== mint || owner === undefined) continue;
      changes.set(owner, (changes.get(owner) ?? 0n) + sign * BigInt(uiTokenAmount.amount));
    }
  };
  add(before, -1n);
  add(after, 1n);
  return changes;
}

type Lamports = { preBalances: readonly bigint[]; postBalances: readonly bigint[]; fee: bigint };
/** By how much each account's lamports have changed, the transaction's own fee left out: it is no part of what was paid. */
export function lamportChangesOf(keys: readonly string[], meta: Lamports): Map<string, bigint> {
  const changes = new Map<string, bigint>();
  for (const [index, key] of keys.entries()) {
    const fee = index === 0 ? meta.fee : 0n;
    const change = (meta.postBalances[index] ?? 0n) - (meta.preBalances[index] ?? 0n) + fee;
    if (change !== 0n) changes.set(key, change);
  }
  return changes;
}
