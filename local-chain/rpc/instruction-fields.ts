import { type Address, getAddressDecoder } from "@solana/kit";
import { uiAmount } from "../tokens.ts";

/** Reads an instruction's data from front to back; every reader throws RangeError where the data ends too early. */
export type Cursor = { readonly data: Buffer; at: number };

/** Reads one field; undefined leaves it out. */
export type Field = (cursor: Cursor) => unknown;

export const u8 = (cursor: Cursor): number => take(cursor, 1).readUInt8();
export const u32 = (cursor: Cursor): number => take(cursor, 4).readUInt32LE();
export const u64 = (cursor: Cursor): bigint => take(cursor, 8).readBigUInt64LE();
export const pubkey = (cursor: Cursor): Address => getAddressDecoder().decode(take(cursor, 32));

/** Bincode's string: its length as u64, then UTF-8. */
export const text = (cursor: Cursor): string => take(cursor, Number(u64(cursor))).toString("utf8");

/** Token amounts are text: they go beyond what a JSON number holds. */
export const tokenUnits = (cursor: Cursor): string => u64(cursor).toString();
export const checkedUnits = (cursor: Cursor) => uiAmount(u64(cursor), u8(cursor));

export const optionalPubkey = (cursor: Cursor): Address | undefined =>
  u8(cursor) === 0 ? undefined : pubkey(cursor);
export const nullablePubkey = (cursor: Cursor): Address | null => optionalPubkey(cursor) ?? null;

/** The rest of the data as text. */
export const restAsText = (cursor: Cursor): string =>
  take(cursor, cursor.data.length - cursor.at).toString("utf8");

function take(cursor: Cursor, bytes: number): Buffer {
  if (cursor.at + bytes > cursor.data.length) throw new RangeError("data ends too early");
  cursor.at += bytes;
  return cursor.data.subarray(cursor.at - bytes, cursor.at);
}
