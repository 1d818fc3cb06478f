import type { Chain } from "@ionet/chain";
import { address, type Signature } from "@solana/kit";

/** One transaction that touched an escrow: by how much it changed what each wallet holds of the escrow's mint. */
export type Movement = { signature: string; slot: bigint; changes: Map<string, bigint> };

type Balance = { mint: string; owner?: string; uiTokenAmount: { amount: string } };

/** Signatures in one call: the limit of Solana's own nodes. */
const SIGNATURES_A_CALL = 1000;

/**
 * Every successful, finalised transaction of an escrow since it opened, oldest first, with its token balance changes: the
 * proof of who was paid what, even when the escrow's account is gone. The vault stands under the escrow's address, its
 * owner.
 */
export async function readHistory(
  chain: Chain,
  escrow: { address: string; mint: string; openedSlot: bigint },
): Promise<Movement[]> {
  const movements: Movement[] = [];
  for (const { signature, slot } of await signaturesOf(chain, escrow)) {
    const transaction = await chain.rpc
      .getTransaction(signature, {
        commitment: "finalized",
        encoding: "json",
        maxSupportedTransactionVersion: 1,
      })
      .send();
    if (!transaction?.meta) throw new Error(`the RPC endpoint lists ${signature} and does not have it`);
    const before = transaction.meta.preTokenBalances ?? [];
    const after = transaction.meta.postTokenBalances ?? [];
    movements.push({ signature, slot, changes: changesOf(before, after, escrow.mint) });
  }
  return movements;
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
    if (page.length < SIGNATURES_A_CALL) return found.reverse();
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
