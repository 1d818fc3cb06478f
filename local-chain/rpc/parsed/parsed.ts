import type { ReadonlyUint8Array } from "@solana/kit";
import { type ByteCursor, cursorOf } from "../cursor.ts";

/** What an account holds, in a node's jsonParsed words. */
export type Parsed = { readonly type: string; readonly info?: unknown };

/** Reads an account's data; undefined where it is not what its owner usually keeps. */
export type Parser = (cursor: ByteCursor, address: string) => Parsed | undefined;

/** Runs a parser; data that ends too early is data that a node does not parse either. */
export function parseWith<Result>(
  data: ReadonlyUint8Array,
  read: (cursor: ByteCursor) => Result,
): Result | undefined {
  try {
    return read(cursorOf(data));
  } catch (cause) {
    if (cause instanceof RangeError) return undefined;
    throw cause;
  }
}
