import { type Chain, ESCROW_PROGRAM, isNative, paymentAccountOf } from "@ionet/chain";
import { address, type Signature } from "@solana/kit";

/** One transaction that touched an escrow: by how much it changed what each wallet holds of the escrow's mint. */
export type Movement = {
  signature: string;
  changes: Map<string, bigint>;
  /** The escrow ended with it. */
  closes?: true;
};

/** What came into an escrow, in base units, and the transactions that took something out of it, oldest first. */
export type History = { received: bigint; payments: Movement[] };

type MintBalance = { accountIndex: number; mint: string; owner?: string; uiTokenAmount: { amount: string } };

const NONE_LOADED = { writable: [], readonly: [] };
const TRANSACTIONS_AT_ONCE = 20;
type HistoryPlace = { address: string; mint: string; openedSlot: bigint };

/**
 * Out of an escrow's transactions, oldest first, those that count. A stranger may name it in any number of others, and what
 * comes after its end is not its own: its engineer may open another one in its place.
 */
export function historyOf(escrow: string, all: readonly Movement[]): History {
  const end = all.findIndex(({ closes }) => closes);
  const movements = end < 0 ? all : all.slice(0, end + 1);
  const vault = ({ changes }: Movement) => changes.get(escrow) ?? 0n;
  const received = movements.reduce((total, each) => (vault(each) > 0n ? total + vault(each) : total), 0n);
  return { received, payments: movements.filter((each) => vault(each) < 0n) };
}

/** What these transactions of an escrow did, as far as they have landed finally; in their order. Throws ChainErrors. */
export async function readTransactions(
  chain: Chain,
  escrow: Pick<HistoryPlace, "address" | "mint">,
  signatures: readonly string[],
): Promise<Movement[]> {
  const movements: Movement[] = [];
  for (let start = 0; start < signatures.length; start += TRANSACTIONS_AT_ONCE) {
    const part = signatures.slice(start, start + TRANSACTIONS_AT_ONCE);
    const read = await Promise.all(part.map((each) => readMovement(chain, escrow, each as Signature)));
    movements.push(...read.filter((each) => each !== null));
  }
  return movements;
}

/**
 * A part of an escrow's history; `before` names the transaction from which the next part goes on, null when it was the last.
 */
export type HistoryPage = {
  history: History;
  before: string | null;
  /** The escrow ended on this page: newer ones are another's that was opened in its place. */
  closes: boolean;
};

/**
 * Reads an escrow's successful, finalised transactions since it opened, at most `limit` of them, going back from `before`
 * or from the newest: the proof of who was paid what, even when the escrow's account is gone. The vault stands under the
 * escrow's address, its owner; in SOL it is the escrow itself, with its rent. Throws ChainErrors.
 */
export async function readPage(
  chain: Chain,
  escrow: HistoryPlace,
  { before, limit }: { before: string | null; limit: number },
): Promise<HistoryPage> {
  const listed = await chain.rpc
    .getSignaturesForAddress(address(escrow.address), {
      commitment: "finalized",
      limit,
      ...(before === null ? {} : { before: before as Signature }),
    })
    .send();
  const found = listed.filter(({ err, slot }) => err === null && slot >= escrow.openedSlot).reverse();
  const movements = await readTransactions(
    chain,
    escrow,
    found.map(({ signature }) => signature),
  );
  if (movements.length < found.length) {
    throw new Error(`the RPC endpoint lists transactions of ${escrow.address} and does not have them all`);
  }
  const oldest = listed.at(-1);
  const isLast = oldest === undefined || listed.length < limit || oldest.slot < escrow.openedSlot;
  return {
    history: historyOf(escrow.address, movements),
    before: isLast ? null : oldest.signature,
    closes: movements.some(({ closes }) => closes),
  };
}

async function readMovement(
  chain: Chain,
  escrow: Pick<HistoryPlace, "address" | "mint">,
  signature: Signature,
): Promise<Movement | null> {
  const transaction = await chain.rpc
    .getTransaction(signature, {
      commitment: "finalized",
      encoding: "json",
      maxSupportedTransactionVersion: 1,
    })
    .send();
  if (!transaction?.meta || transaction.meta.err !== null) return null;
  // The balances of accounts that came out of lookup tables stand behind those of the transaction's own.
  const tables =
    ("loadedAddresses" in transaction.meta ? transaction.meta.loadedAddresses : null) ?? NONE_LOADED;
  const keys = [...transaction.transaction.message.accountKeys, ...tables.writable, ...tables.readonly];
  // What came in without the program is a gift: no deposit, and nothing that it will pay.
  if (!keys.includes(ESCROW_PROGRAM)) return { signature, changes: new Map() };
  const { changes, closes } = isNative(address(escrow.mint))
    ? inLamports(escrow, keys, transaction.meta)
    : await inTokens(escrow, keys, transaction.meta);
  return { signature, changes, ...(closes ? { closes } : {}) };
}

function inLamports(escrow: Pick<HistoryPlace, "address">, keys: readonly string[], meta: Lamports) {
  const at = keys.indexOf(escrow.address);
  const closes = (meta.preBalances[at] ?? 0n) > 0n && meta.postBalances[at] === 0n;
  return { changes: lamportChangesOf(keys, meta), closes };
}

type TokenBalances = {
  preTokenBalances?: readonly MintBalance[];
  postTokenBalances?: readonly MintBalance[];
};

async function inTokens(
  escrow: Pick<HistoryPlace, "address" | "mint">,
  keys: readonly string[],
  meta: TokenBalances,
) {
  const vault = await paymentAccountOf(address(escrow.address), address(escrow.mint));
  const isVault = ({ accountIndex }: MintBalance) => keys[accountIndex] === vault;
  // Anybody may make more token accounts in the escrow's name: its money passes through its vault.
  const counts = (balance: MintBalance) => balance.owner !== escrow.address || isVault(balance);
  const [before, after] = [meta.preTokenBalances ?? [], meta.postTokenBalances ?? []];
  const changes = changesOf(before.filter(counts), after.filter(counts), escrow.mint);
  return { changes, closes: before.some(isVault) && !after.some(isVault) };
}

/** What each owner has more (or less) of this mint after than before. */
export function changesOf(
  before: readonly MintBalance[],
  after: readonly MintBalance[],
  mint: string,
): Map<string, bigint> {
  const changes = new Map<string, bigint>();
  const add = (balances: readonly MintBalance[], sign: bigint) => {
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
