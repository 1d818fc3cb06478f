import { deserialize, serialize } from "node:v8";
import { type Address, isAddress } from "@solana/kit";
import { z } from "zod";
import { accountKeys } from "../account-keys.ts";
import type { TransactionRecord } from "../transaction-log.ts";
import { decodeWireTransaction } from "../wire-transaction.ts";

const address = z.custom<Address>((value) => typeof value === "string" && isAddress(value));
const bytes = z.instanceof(Uint8Array);
const lamports = z.bigint();
const tokenBalances = z.array(
  z.object({
    accountIndex: z.number(),
    mint: address,
    owner: address,
    programId: address,
    uiTokenAmount: z.object({
      amount: z.string(),
      decimals: z.number(),
      uiAmount: z.number(),
      uiAmountString: z.string(),
    }),
  }),
);

/** What a record says beside the transaction's own bytes, slot and place. */
const saying = z.object({
  unixSeconds: z.bigint(),
  error: z.union([z.string(), z.record(z.string(), z.unknown())]).nullable(),
  logs: z.array(z.string()),
  unitsConsumed: z.bigint(),
  innerInstructions: z.array(
    z.object({
      index: z.number(),
      instructions: z.array(
        z.object({
          programIdIndex: z.number(),
          accounts: z.array(z.number()),
          data: bytes,
          stackHeight: z.number(),
        }),
      ),
    }),
  ),
  returnData: z.object({ programId: address, data: bytes }).nullable(),
  loaded: z.object({ writable: z.array(address), readonly: z.array(address) }),
  feeLamports: lamports,
  preBalances: z.array(lamports),
  postBalances: z.array(lamports),
  preTokenBalances: tokenBalances,
  postTokenBalances: tokenBalances,
});

/** A record as a row holds it. */
export type StoredRecord = { slot: bigint; place: number; bytes: Uint8Array; said: Uint8Array };

export function storeRecord(record: TransactionRecord): StoredRecord {
  const { wire, keys, slot, index, ...rest } = record;
  return {
    slot,
    place: index,
    bytes: wire.bytes,
    said: serialize({ ...rest, loaded: keys.loaded }),
  };
}

/** @throws MalformedTransaction or ZodError where the row is not one that `storeRecord` made */
export function readRecord(row: StoredRecord): TransactionRecord {
  const { loaded, ...said } = saying.parse(deserialize(row.said));
  const wire = decodeWireTransaction(row.bytes);
  return { ...said, wire, keys: accountKeys(wire, loaded), slot: row.slot, index: row.place, landed: true };
}
