import {
  decodeWireMessage,
  decodeWireTransaction,
  MalformedTransaction,
  type WireTransaction,
} from "../wire-transaction.ts";
import { RPC_CODE, RpcError } from "./errors.ts";
import { type RequestConfig, readText, readWord } from "./parameters.ts";
import { decodeBytes } from "./program-filters.ts";

/**
 * Reads a transaction in the encoding that its config names (base58 where it names none, as nodes do).
 *
 * @throws RpcError −32602 where it is none
 */
export function readTransaction(value: unknown, config: RequestConfig): WireTransaction {
  const encoding = readWord(config.encoding, "encoding", ["base58", "base64", "binary"], "base58");
  const bytes = decodeBytes(
    readText(value, "transaction"),
    encoding === "base64" ? "base64" : "base58",
    "transaction",
  );
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
export function readReturnedAccountEncoding(value: unknown): "base64" | "base64+zstd" | "jsonParsed" {
  const allowed = ["base64", "base64+zstd", "jsonParsed"] as const;
  if (value === "base58" || value === "binary")
    throw new RpcError(RPC_CODE.invalidParams, "base58 encoding not supported", {
      field: "accounts.encoding",
      given: value,
      allowed: allowed.join(", "),
    });
  return readWord(value, "accounts.encoding", allowed, "base64");
}
