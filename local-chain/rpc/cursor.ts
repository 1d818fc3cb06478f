import { type Address, getAddressDecoder, getBase58Decoder, type ReadonlyUint8Array } from "@solana/kit";
import { uiAmount } from "../tokens.ts";

/** Reads data from front to back; every reader throws RangeError where the data ends too early. */
export type ByteCursor = { readonly data: Buffer; at: number };

/** Reads one field; undefined leaves it out. */
export type ByteField = (cursor: ByteCursor) => unknown;

/** Begins to read `data`. */
export function cursorOf(data: ReadonlyUint8Array): ByteCursor {
  return { data: Buffer.from(data), at: 0 };
}

export const u8 = (cursor: ByteCursor): number => take(cursor, 1).readUInt8();
export const u16 = (cursor: ByteCursor): number => take(cursor, 2).readUInt16LE();
export const i16 = (cursor: ByteCursor): number => take(cursor, 2).readInt16LE();
export const u32 = (cursor: ByteCursor): number => take(cursor, 4).readUInt32LE();
export const u64 = (cursor: ByteCursor): bigint => take(cursor, 8).readBigUInt64LE();
export const i64 = (cursor: ByteCursor): bigint => take(cursor, 8).readBigInt64LE();
export const f64 = (cursor: ByteCursor): number => take(cursor, 8).readDoubleLE();
export const flag = (cursor: ByteCursor): boolean => u8(cursor) !== 0;
export const pubkey = (cursor: ByteCursor): Address => getAddressDecoder().decode(take(cursor, 32));

/** A u64 as nodes write those that JavaScript's numbers do not hold: as text. */
export const u64Text = (cursor: ByteCursor): string => u64(cursor).toString();
export const u128Text = (cursor: ByteCursor): string => {
  const low = u64(cursor);
  return ((u64(cursor) << 64n) | low).toString();
};

/** So many bytes in base58, or in base64. */
export const base58 = (bytes: number) => (cursor: ByteCursor) =>
  getBase58Decoder().decode(take(cursor, bytes));
export const base64 = (bytes: number) => (cursor: ByteCursor) => take(cursor, bytes).toString("base64");

/** Bincode's string: its length as u64, then UTF-8. */
export const text = (cursor: ByteCursor): string => take(cursor, Number(u64(cursor))).toString("utf8");
/** Borsh's string: its length as u32, then UTF-8. */
export const borshText = (cursor: ByteCursor): string => take(cursor, u32(cursor)).toString("utf8");

/** Bincode's and Borsh's option: a byte that says whether a value follows. */
export function option<Value>(read: (cursor: ByteCursor) => Value) {
  return (cursor: ByteCursor): Value | null => (u8(cursor) === 0 ? null : read(cursor));
}

/** Bincode's list: its length as u64, then the items. */
export function list<Item>(read: (cursor: ByteCursor) => Item, readLength = u64Length) {
  return (cursor: ByteCursor): Item[] => {
    const items: Item[] = [];
    for (let left = readLength(cursor); left > 0; left--) items.push(read(cursor));
    return items;
  };
}

/** Solana's short list: its length in one to three bytes of seven bits. */
export function shortLength(cursor: ByteCursor): number {
  let length = 0;
  for (let shift = 0; shift < 21; shift += 7) {
    const byte = u8(cursor);
    length |= (byte & 0x7f) << shift;
    if (byte < 0x80) return length;
  }
  throw new RangeError("a length of more than three bytes");
}

function u64Length(cursor: ByteCursor): number {
  return Number(u64(cursor));
}

export const checkedUnits = (cursor: ByteCursor) => uiAmount(u64(cursor), u8(cursor));

export const optionalPubkey = (cursor: ByteCursor): Address | undefined =>
  u8(cursor) === 0 ? undefined : pubkey(cursor);
export const nullablePubkey = (cursor: ByteCursor): Address | null => optionalPubkey(cursor) ?? null;

/** The rest of the data as text. */
export const restAsText = (cursor: ByteCursor): string => rest(cursor).toString("utf8");

export function rest(cursor: ByteCursor): Buffer {
  return take(cursor, cursor.data.length - cursor.at);
}

export function take(cursor: ByteCursor, bytes: number): Buffer {
  if (cursor.at + bytes > cursor.data.length) throw new RangeError("data ends too early");
  cursor.at += bytes;
  return cursor.data.subarray(cursor.at - bytes, cursor.at);
}
