import { errorText } from "@ionet/machine";
import {
  type Address,
  type Blockhash,
  blockhash,
  getBase58Decoder,
  getCompiledTransactionMessageDecoder,
  getTransactionDecoder,
  type ReadonlyUint8Array,
  type Signature,
  signature,
  type Transaction,
} from "@solana/kit";

export type WireInstruction = {
  readonly programAddressIndex: number;
  readonly accountIndices: readonly number[];
  readonly data: ReadonlyUint8Array;
};

export type LookupTableUse = {
  readonly lookupTableAddress: Address;
  readonly writableIndexes: readonly number[];
  readonly readonlyIndexes: readonly number[];
};

export type V1Config = {
  readonly computeUnitLimit: number | null;
  readonly heapSize: number | null;
  readonly loadedAccountsDataSizeLimit: number | null;
  readonly priorityFee: bigint | null;
};

/** A message, its parts named; its accounts from lookup tables not yet looked up. */
export type WireMessage = {
  readonly version: "legacy" | 0 | 1;
  readonly header: {
    readonly numSignerAccounts: number;
    readonly numReadonlySignerAccounts: number;
    readonly numReadonlyNonSignerAccounts: number;
  };
  readonly staticAccounts: readonly Address[];
  readonly recentBlockhash: Blockhash;
  readonly instructions: readonly WireInstruction[];
  readonly lookups: readonly LookupTableUse[];
  /** Transaction v1 states its priority fee outright; older versions through the compute budget program. */
  readonly v1PriorityFeeLamports: bigint;
  /** What a transaction v1 asks of the runtime; null for what it leaves open, undefined for older versions. */
  readonly v1Config: V1Config | undefined;
};

/** A transaction as it came over the wire. */
export type WireTransaction = WireMessage & {
  readonly bytes: Uint8Array;
  readonly transaction: Transaction;
  /** The fee payer's signature: the name by which everybody knows the transaction. All zeros when unsigned. */
  readonly signature: Signature;
};

/** The wire limits: one UDP packet for legacy and v0, 4,096 bytes for v1 (SIMD-0296). */
export const MAX_WIRE_BYTES = { legacy: 1232, 0: 1232, 1: 4096 } as const;

/** The bytes are no transaction, or one larger than the network carries. */
export class MalformedTransaction extends Error {}

type CompiledMessage = ReturnType<ReturnType<typeof getCompiledTransactionMessageDecoder>["decode"]>;

/**
 * Names the parts of a transaction of any version, signed or not.
 *
 * @throws MalformedTransaction when the bytes are no transaction, have bytes left over or are too many
 */
export function decodeWireTransaction(bytes: Uint8Array): WireTransaction {
  const transaction = decode(() => {
    const [decoded, end] = getTransactionDecoder().read(bytes, 0);
    if (end !== bytes.length) throw new MalformedTransaction(`${bytes.length - end} bytes left over`);
    return decoded;
  });
  const message = decodeWireMessage(new Uint8Array(transaction.messageBytes));
  const limit = MAX_WIRE_BYTES[message.version];
  if (bytes.length > limit)
    throw new MalformedTransaction(
      `transaction too large: ${bytes.length} bytes (max: ${limit} for version ${message.version})`,
    );
  const [first] = Object.values(transaction.signatures);
  const name = signature(getBase58Decoder().decode(first ?? new Uint8Array(64)));
  return { ...message, bytes, transaction, signature: name };
}

/** @throws MalformedTransaction when the bytes are no message */
export function decodeWireMessage(bytes: Uint8Array): WireMessage {
  const message = decode(() => getCompiledTransactionMessageDecoder().decode(bytes));
  const config = v1Config(message);
  return {
    version: message.version,
    header: message.header,
    staticAccounts: message.staticAccounts,
    recentBlockhash: blockhash(message.lifetimeToken ?? getBase58Decoder().decode(new Uint8Array(32))),
    instructions: instructionsOf(message),
    lookups: message.version === 0 ? (message.addressTableLookups ?? []) : [],
    v1PriorityFeeLamports: config?.priorityFee ?? 0n,
    v1Config: config,
  };
}

function decode<Decoded>(attempt: () => Decoded): Decoded {
  try {
    return attempt();
  } catch (cause) {
    if (cause instanceof MalformedTransaction) throw cause;
    const reason = errorText(cause);
    throw new MalformedTransaction(`failed to deserialize transaction: ${reason}`, { cause });
  }
}

function instructionsOf(message: CompiledMessage): WireInstruction[] {
  if (message.version !== 1)
    return message.instructions.map((instruction) => ({
      programAddressIndex: instruction.programAddressIndex,
      accountIndices: instruction.accountIndices ?? [],
      data: instruction.data ?? new Uint8Array(),
    }));
  return message.instructionHeaders.map((header, i) => ({
    programAddressIndex: header.programAccountIndex,
    accountIndices: message.instructionPayloads[i]?.instructionAccountIndices ?? [],
    data: message.instructionPayloads[i]?.instructionData ?? new Uint8Array(),
  }));
}

/** The bits of a v1 config mask that announce a value; the values follow in this order, the fee's two bits first. */
const V1_BITS = {
  priorityFee: 3,
  computeUnitLimit: 4,
  loadedAccountsDataSizeLimit: 8,
  heapSize: 16,
} as const;

function v1Config(message: CompiledMessage): V1Config | undefined {
  if (message.version !== 1) return undefined;
  const values = [...message.configValues];
  const next = (bits: number) => ((message.configMask & bits) === 0 ? undefined : values.shift()?.value);
  const number = (value: bigint | number | undefined) => (value === undefined ? null : Number(value));
  const fee = next(V1_BITS.priorityFee);
  return {
    priorityFee: fee === undefined ? null : BigInt(fee),
    computeUnitLimit: number(next(V1_BITS.computeUnitLimit)),
    loadedAccountsDataSizeLimit: number(next(V1_BITS.loadedAccountsDataSizeLimit)),
    heapSize: number(next(V1_BITS.heapSize)),
  };
}
