import {
  decodeWireMessage,
  decodeWireTransaction,
  MalformedTransaction,
  type WireTransaction,
} from "../wire-transaction.ts";
import { invalidParam, RPC_CODE, RpcError } from "./errors.ts";
import { type Config, readText, readWord } from "./parameters.ts";
import { decodeBytes } from "./program-filters.ts";

/**
 * Reads a transaction in the encoding that its config names (base58 where it names none, as nodes do).
 *
 * @throws RpcError −32602 where it is none
 */
export function readTransaction(value: unknown, config: Config): WireTransaction {
  const encoding = readWord(config.encoding, "encoding", ["base58", "base64"], "base58");
  const bytes = decodeBytes(readText(value, "transaction"), encoding, "transaction");
  return refusingMalformed(() => decodeWireTransaction(new Uint8Array(bytes)));
}

/** Reads a message in base64. */
export function readMessage(value: unknown) {
  const bytes = decodeBytes(readText(value, "message"), "base64", "message");
  return refusingMalformed(() => decodeWireMessage(new Uint8Array(bytes)));
}

function refusingMalformed<Decoded>(decode: () => Decoded): Decoded {
  try {
    return decode();
  } catch (cause) {
    if (cause instanceof MalformedTransaction) throw new RpcError(RPC_CODE.invalidParams, cause.message);
    throw cause;
  }
}

/** @throws RpcError −32602 where an account that simulation shall return is asked for in a form it cannot have */
export function readReturnedAccountEncoding(value: unknown): "base64" | "jsonParsed" {
  if (value === "base58" || value === "binary")
    throw invalidParam("accounts.encoding", value, "base64, jsonParsed");
  return readWord(value, "accounts.encoding", ["base64", "jsonParsed"], "base64");
}
