import { base58, pubkey, u32, u64Text } from "../cursor.ts";
import type { Parser } from "./parsed.ts";

const NEWEST_VERSION = 1;
const INITIALIZED = 1;

/** A durable nonce. One that is not initialised is not parsed: any account of the system program could be one. */
export const parseNonce: Parser = (cursor) => {
  if (u32(cursor) > NEWEST_VERSION || u32(cursor) !== INITIALIZED) return undefined;
  const info = {
    authority: pubkey(cursor),
    blockhash: base58(32)(cursor),
    feeCalculator: { lamportsPerSignature: u64Text(cursor) },
  };
  return { type: "initialized", info };
};
