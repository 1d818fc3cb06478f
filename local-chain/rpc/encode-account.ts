import { zstdCompressSync } from "node:zlib";
import { type EncodedAccount, getBase58Decoder } from "@solana/kit";
import type { ReadAccount } from "../execution.ts";
import { invalidParam, RPC_CODE, RpcError } from "./errors.ts";
import { isObject, type RequestConfig, readCount, readWord } from "./parameters.ts";
import { parseAccount } from "./parsed/parse-account.ts";

/** `binary` is what nodes answer when nothing is said: base58 without its name. */
export type Encoding = "binary" | "base58" | "base64" | "base64+zstd" | "jsonParsed";
export type AccountForm = { encoding: Encoding; slice: { offset: number; length: number } | undefined };

const BASE58_LIMIT = 128;

/** Reads `encoding` and `dataSlice`. */
export function readAccountForm(config: RequestConfig, fallback: Encoding = "binary"): AccountForm {
  const allowed = ["binary", "base58", "base64", "base64+zstd", "jsonParsed"] as const;
  return {
    encoding: readWord(config.encoding, "encoding", allowed, fallback),
    slice: readSlice(config.dataSlice),
  };
}

function readSlice(slice: unknown): AccountForm["slice"] {
  if (slice === undefined || slice === null) return undefined;
  if (!isObject(slice)) throw invalidParam("dataSlice", slice, '{"offset": bytes, "length": bytes}');
  return {
    offset: readCount(slice.offset, "dataSlice.offset"),
    length: readCount(slice.length, "dataSlice.length"),
  };
}

/**
 * An account as RPC clients get it.
 *
 * @param read - reads the mint of a token account, for its decimals
 * @throws RpcError −32600 where base58 is asked for more than 128 bytes
 */
export function encodeAccount(account: EncodedAccount, form: AccountForm, read: ReadAccount) {
  return encodeWith(account, form, read, refuseTooLong);
}

/** An account as subscribers are told of it: nobody can be refused any more, so base58's limit is said in its place. */
export function encodeNotified(account: EncodedAccount, form: AccountForm, read: ReadAccount) {
  return encodeWith(account, form, read, () => "error: data too large for bs58 encoding");
}

function encodeWith(account: EncodedAccount, form: AccountForm, read: ReadAccount, tooLong: () => string) {
  return {
    data: encodeData(account, form, read, tooLong),
    executable: account.executable,
    lamports: account.lamports,
    owner: account.programAddress,
    rentEpoch: 18_446_744_073_709_551_615n,
    space: account.data.length,
  };
}

function encodeData(
  account: EncodedAccount,
  { encoding, slice }: AccountForm,
  read: ReadAccount,
  tooLong: () => string,
): unknown {
  const parsed = encoding === "jsonParsed" ? parseAccount(account, read) : undefined;
  if (parsed !== undefined) return { ...parsed, space: account.data.length };
  const whole = Buffer.from(account.data);
  const data = slice === undefined ? whole : whole.subarray(slice.offset, slice.offset + slice.length);
  switch (encoding) {
    case "binary":
      return base58(data, tooLong);
    case "base58":
      return [base58(data, tooLong), "base58"];
    case "base64+zstd":
      return [zstdCompressSync(data).toString("base64"), "base64+zstd"];
    default:
      return [data.toString("base64"), "base64"];
  }
}

function base58(data: Uint8Array, tooLong: () => string): string {
  return data.length > BASE58_LIMIT ? tooLong() : getBase58Decoder().decode(data);
}

function refuseTooLong(): never {
  throw new RpcError(
    RPC_CODE.invalidRequest,
    `Encoded binary (base 58) data should be less than ${BASE58_LIMIT} bytes, please use Base64 encoding.`,
  );
}
