import {
  type AddressesByLookupTableAddress,
  type Commitment,
  type Instruction,
  isWritableRole,
  type Signature,
  type TransactionSigner,
} from "@solana/kit";
import type { Chain } from "./connect.ts";
import { asChainError, ChainError } from "./errors.ts";
import { pause } from "./pause.ts";
import {
  MAX_LIMITS,
  type SignedTransaction,
  signTransaction,
  type TransactionLimits,
} from "./transaction.ts";
import { transactionFailure } from "./transaction-failure.ts";

export type Send = {
  payer: TransactionSigner;
  instructions: readonly Instruction[];
  /** How sure the chain must be before this returns. */
  commitment: Commitment;
  /**
   * The most to pay for priority, in micro-lamports a compute unit. What others paid lately to write to the same
   * accounts is paid, up to this; nothing where not given.
   */
  maxPriorityFee?: bigint;
  /** Lookup tables that a v0 transaction may use: see `createLookupTable`. */
  lookupTables?: AddressesByLookupTableAddress;
  abortSignal?: AbortSignal;
};

/** Between two looks at the transaction's status. */
const POLL_MILLISECONDS = 400;
/** Endpoints drop transactions under load; the same bytes sent again are the same transaction. */
const POLLS_PER_RESEND = 5;
/** For how many looks in a row the endpoint may be silent before this gives up: about half a minute. */
const MAX_SILENT_POLLS = 75;
/** The state may move between simulation and execution. */
const COMPUTE_MARGIN = 1.1;
const COMPUTE_MARGIN_UNITS = 300;
const LOADED_MARGIN_BYTES = 64 * 1024;
/** As many as an endpoint takes in one question about fees. */
const MAX_FEE_ACCOUNTS = 128;
/** Another endpoint may be behind: only two looks in a row that find nothing after the expiry are believed. */
const LOOKS_AFTER_EXPIRY = 2;
const LEVELS: readonly Commitment[] = ["processed", "confirmed", "finalized"];

/**
 * Simulates, signs, sends, and waits until the chain has the transaction at `commitment`. The same bytes are
 * sent until they land or expire, so nothing can happen twice. Throws a ChainError (see its codes); after
 * "rpc-unreachable" and an abort the transaction may still land: look at the chain before building another.
 */
export async function send(chain: Chain, terms: Send): Promise<{ signature: Signature; slot: bigint }> {
  try {
    const transaction = await prepare(chain, terms);
    return await confirm(chain, transaction, terms);
  } catch (cause) {
    throw asChainError(chain, cause);
  }
}

async function prepare(chain: Chain, terms: Send): Promise<SignedTransaction> {
  const { payer, instructions } = terms;
  const tables = terms.lookupTables === undefined ? {} : { lookupTables: terms.lookupTables };
  const { value: lifetime } = await chain.rpc
    .getLatestBlockhash({ commitment: "confirmed" })
    .send(options(terms));
  const trial = await signTransaction({ payer, instructions, lifetime, limits: MAX_LIMITS, ...tables });
  const limits = { ...(await simulate(chain, trial, terms)), unitPrice: await priorityFee(chain, terms) };
  return await signTransaction({ payer, instructions, lifetime, limits, ...tables });
}

/** What the transaction uses on the newest state, with a margin; throws the error that it would end with. */
async function simulate(chain: Chain, trial: SignedTransaction, terms: Send): Promise<TransactionLimits> {
  const { value } = await chain.rpc
    .simulateTransaction(trial.wire, {
      commitment: "confirmed",
      encoding: "base64",
      replaceRecentBlockhash: false,
      sigVerify: false,
    })
    .send(options(terms));
  if (value.err !== null) throw transactionFailure(value.err, terms.instructions, value.logs ?? []);
  const used = Number(value.unitsConsumed ?? MAX_LIMITS.computeUnits);
  const loaded = value.loadedAccountsDataSize;
  return {
    computeUnits: Math.min(Math.ceil(used * COMPUTE_MARGIN) + COMPUTE_MARGIN_UNITS, MAX_LIMITS.computeUnits),
    loadedBytes: loaded === undefined ? MAX_LIMITS.loadedBytes : loaded + LOADED_MARGIN_BYTES,
  };
}

/** Half of those who wrote to the same accounts lately paid at most this, micro-lamports a compute unit. */
async function priorityFee(chain: Chain, terms: Send): Promise<bigint> {
  if (terms.maxPriorityFee === undefined || terms.maxPriorityFee === 0n) return 0n;
  const accounts = terms.instructions.flatMap(({ accounts = [] }) => accounts);
  const written = accounts.filter(({ role }) => isWritableRole(role)).map(({ address }) => address);
  const recent = await chain.rpc
    .getRecentPrioritizationFees([...new Set(written)].slice(0, MAX_FEE_ACCOUNTS))
    .send(options(terms));
  const fees = recent
    .map(({ prioritizationFee }) => BigInt(prioritizationFee))
    .sort((a, b) => (a < b ? -1 : 1));
  const median = fees[Math.floor(fees.length / 2)] ?? 0n;
  return median < terms.maxPriorityFee ? median : terms.maxPriorityFee;
}

async function confirm(chain: Chain, transaction: SignedTransaction, terms: Send) {
  let silentPolls = 0;
  let expiredLooks = 0;
  for (let poll = 0; ; poll++) {
    try {
      const landed = await look(chain, transaction, terms, poll);
      if (typeof landed === "object") return landed;
      silentPolls = 0;
      expiredLooks = landed === "expired" ? expiredLooks + 1 : 0;
    } catch (cause) {
      const error = asChainError(chain, cause);
      const passing = error instanceof ChainError && error.code === "rpc-unreachable";
      if (!passing || ++silentPolls > MAX_SILENT_POLLS) throw error;
    }
    if (expiredLooks === LOOKS_AFTER_EXPIRY) throw expired(transaction);
    await pause(POLL_MILLISECONDS, terms.abortSignal);
  }
}

/** One look at the status; hands the bytes in (again) where the chain has not seen them. */
async function look(chain: Chain, transaction: SignedTransaction, terms: Send, poll: number) {
  const { signature, wire, lastValidBlockHeight } = transaction;
  // Read before the status: had the transaction landed by this height, the status below would show it.
  const height = await chain.rpc.getBlockHeight({ commitment: "confirmed" }).send(options(terms));
  const landed = await statusOf(chain, signature, terms, poll > 0);
  if (landed !== null) {
    return reached(landed.confirmationStatus, terms.commitment)
      ? { signature, slot: landed.slot }
      : "waiting";
  }
  if (height > lastValidBlockHeight) return "expired";
  if (poll % POLLS_PER_RESEND === 0) await hand(chain, wire, terms);
  return "waiting";
}

function expired({ signature }: SignedTransaction): ChainError {
  const message = `transaction ${signature} was not seen before its blockhash expired; it can never land: build it anew`;
  return new ChainError("expired", message);
}

async function statusOf(chain: Chain, signature: Signature, terms: Send, searchTransactionHistory: boolean) {
  const { value } = await chain.rpc
    .getSignatureStatuses([signature], { searchTransactionHistory })
    .send(options(terms));
  const status = value[0] ?? null;
  if (status?.err) throw transactionFailure(status.err, terms.instructions, []);
  return status;
}

async function hand(chain: Chain, wire: SignedTransaction["wire"], terms: Send): Promise<void> {
  // It was simulated already, and a later sending may find it executed: no preflight.
  await chain.rpc
    .sendTransaction(wire, { encoding: "base64", skipPreflight: true, maxRetries: 0n })
    .send(options(terms));
}

function reached(status: Commitment | null, wanted: Commitment): boolean {
  return status !== null && LEVELS.indexOf(status) >= LEVELS.indexOf(wanted);
}

function options({ abortSignal }: Send): { abortSignal?: AbortSignal } {
  return abortSignal === undefined ? {} : { abortSignal };
}
