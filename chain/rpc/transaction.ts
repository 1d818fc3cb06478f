import {
  type AddressesByLookupTableAddress,
  appendTransactionMessageInstructions,
  type Base64EncodedWireTransaction,
  type BlockhashLifetimeConstraint,
  compressTransactionMessageUsingAddressLookupTables,
  createTransactionMessage,
  getBase64EncodedWireTransaction,
  getSignatureFromTransaction,
  getTransactionMessageSize,
  type Instruction,
  pipe,
  type Signature,
  setTransactionMessageComputeUnitLimit,
  setTransactionMessageComputeUnitPrice,
  setTransactionMessageFeePayerSigner,
  setTransactionMessageLifetimeUsingBlockhash,
  setTransactionMessageLoadedAccountsDataSizeLimit,
  setTransactionMessagePriorityFeeLamports,
  signTransactionMessageWithSigners,
  type TransactionSigner,
} from "@solana/kit";

/** What a transaction may use: compute units, and bytes of accounts loaded (v1 asks for both); and its price. */
export type TransactionLimits = {
  computeUnits: number;
  loadedBytes: number;
  /** What is paid for priority: micro-lamports a compute unit; 0 where not given. */
  unitPrice?: bigint;
};

/** The most that a transaction may ask for. */
export const MAX_LIMITS: TransactionLimits = { computeUnits: 1_400_000, loadedBytes: 64 * 1024 * 1024 };
/** What a v0 transaction holds on the wire, signatures included. */
const V0_SIZE = 1_232;
const MICRO_LAMPORTS = 1_000_000n;

export type SignedTransaction = {
  wire: Base64EncodedWireTransaction;
  signature: Signature;
  lastValidBlockHeight: bigint;
};

type TransactionParts = {
  payer: TransactionSigner;
  instructions: readonly Instruction[];
  lifetime: BlockhashLifetimeConstraint;
  limits: TransactionLimits;
  /** Lookup tables on chain whose addresses a v0 transaction may name by one byte each. */
  lookupTables?: AddressesByLookupTableAddress;
};

/** Builds and signs with every signer among the instructions' accounts: v0 where it fits, else v1 (4,096 bytes). */
export async function signTransaction(parts: TransactionParts): Promise<SignedTransaction> {
  const small = v0(parts);
  const signed =
    getTransactionMessageSize(small) <= V0_SIZE
      ? await signTransactionMessageWithSigners(small)
      : await signTransactionMessageWithSigners(v1(parts));
  return {
    wire: getBase64EncodedWireTransaction(signed),
    signature: getSignatureFromTransaction(signed),
    lastValidBlockHeight: parts.lifetime.lastValidBlockHeight,
  };
}

function v0({ payer, instructions, lifetime, limits, lookupTables = {} }: TransactionParts) {
  const message = pipe(
    createTransactionMessage({ version: 0 }),
    (message) => setTransactionMessageFeePayerSigner(payer, message),
    (message) => setTransactionMessageLifetimeUsingBlockhash(lifetime, message),
    (message) => appendTransactionMessageInstructions(instructions, message),
    // After the instructions, so that their positions in errors are those of `instructions`.
    (message) => setTransactionMessageComputeUnitLimit(limits.computeUnits, message),
    (message) => setTransactionMessageComputeUnitPrice(limits.unitPrice || undefined, message),
  );
  return compressTransactionMessageUsingAddressLookupTables(message, lookupTables);
}

function v1({ payer, instructions, lifetime, limits }: TransactionParts) {
  const price = (limits.unitPrice ?? 0n) * BigInt(limits.computeUnits);
  const priorityLamports = (price + MICRO_LAMPORTS - 1n) / MICRO_LAMPORTS;
  return pipe(
    createTransactionMessage({ version: 1 }),
    (message) => setTransactionMessageFeePayerSigner(payer, message),
    (message) => setTransactionMessageLifetimeUsingBlockhash(lifetime, message),
    (message) => setTransactionMessageComputeUnitLimit(limits.computeUnits, message),
    (message) => setTransactionMessageLoadedAccountsDataSizeLimit(limits.loadedBytes, message),
    (message) => setTransactionMessagePriorityFeeLamports(priorityLamports || undefined, message),
    (message) => appendTransactionMessageInstructions(instructions, message),
  );
}
