import { zstdCompressSync } from "node:zlib";
import { type Address, type EncodedAccount, getAddressDecoder, getBase58Decoder } from "@solana/kit";
import type { ReadAccount } from "../execution.ts";
import { readNonce } from "../nonce.ts";
import { describeMint, describeToken, readMint, readToken, TOKEN_2022_PROGRAM } from "../tokens.ts";
import { UPGRADEABLE_LOADER } from "../upgradeable-program.ts";
import { RPC_CODE, RpcError } from "./errors.ts";
import { type Config, isObject, readCount, readWord } from "./parameters.ts";

/** `binary` is what nodes answer when nothing is said: base58 without its name. */
export type Encoding = "binary" | "base58" | "base64" | "base64+zstd" | "jsonParsed";
export type AccountForm = { encoding: Encoding; slice: { offset: number; length: number } | undefined };

const BASE58_LIMIT = 128;

/** Reads `encoding` and `dataSlice`. */
export function readAccountForm(config: Config, fallback: Encoding = "binary"): AccountForm {
  const allowed = ["binary", "base58", "base64", "base64+zstd", "jsonParsed"] as const;
  const slice = config.dataSlice;
  return {
    encoding: readWord(config.encoding, "encoding", allowed, fallback),
    slice: isObject(slice)
      ? {
          offset: readCount(slice.offset, "dataSlice.offset"),
          length: readCount(slice.length, "dataSlice.length"),
        }
      : undefined,
  };
}

/**
 * An account as RPC clients get it.
 *
 * @param read - reads the mint of a token account, for its decimals
 * @throws RpcError −32600 where base58 is asked for more than 128 bytes
 */
export function encodeAccount(account: EncodedAccount, form: AccountForm, read: ReadAccount) {
  return {
    data: encodeData(account, form, read),
    executable: account.executable,
    lamports: account.lamports,
    owner: account.programAddress,
    rentEpoch: 18_446_744_073_709_551_615n,
    space: account.data.length,
  };
}

function encodeData(account: EncodedAccount, { encoding, slice }: AccountForm, read: ReadAccount): unknown {
  const parsed = encoding === "jsonParsed" ? parseAccount(account, read) : undefined;
  if (parsed !== undefined) return { ...parsed, space: account.data.length };
  const whole = Buffer.from(account.data);
  const data = slice === undefined ? whole : whole.subarray(slice.offset, slice.offset + slice.length);
  switch (encoding) {
    case "binary":
      return base58(data);
    case "base58":
      return [base58(data), "base58"];
    case "base64+zstd":
      return [zstdCompressSync(data).toString("base64"), "base64+zstd"];
    default:
      return [data.toString("base64"), "base64"];
  }
}

function base58(data: Uint8Array): string {
  if (data.length > BASE58_LIMIT)
    throw new RpcError(
      RPC_CODE.invalidRequest,
      `Encoded binary (base 58) data should be less than ${BASE58_LIMIT} bytes, please use Base64 encoding.`,
    );
  return getBase58Decoder().decode(data);
}

/** The program's name and the fields of what it stores, for programs whose accounts are known here. */
export function parseAccount(account: EncodedAccount, read: ReadAccount) {
  const token = readToken(account);
  const mint = readMint(account);
  const program = account.programAddress === TOKEN_2022_PROGRAM ? "spl-token-2022" : "spl-token";
  if (token !== undefined) {
    const decimals = readMint(read(token.mint))?.decimals ?? 0;
    return { program, parsed: { type: "account", info: describeToken(token, decimals) } };
  }
  if (mint !== undefined) return { program, parsed: { type: "mint", info: describeMint(mint) } };
  const nonce = readNonce(account);
  if (nonce !== undefined) {
    const info = {
      authority: nonce.authority,
      blockhash: nonce.value,
      feeCalculator: { lamportsPerSignature: "5000" },
    };
    return { program: "nonce", parsed: { type: "initialized", info } };
  }
  return account.programAddress === UPGRADEABLE_LOADER ? parseLoader(account) : undefined;
}

function parseLoader(account: EncodedAccount) {
  const program = "bpf-upgradeable-loader";
  const data = Buffer.from(account.data);
  const addressAt = (offset: number): Address => getAddressDecoder().decode(data, offset);
  if (data.length === 36 && data.readUInt32LE(0) === 2)
    return { program, parsed: { type: "program", info: { programData: addressAt(4) } } };
  if (data.length >= 45 && data.readUInt32LE(0) === 3) {
    const info = {
      authority: data[12] === 1 ? addressAt(13) : null,
      data: [data.subarray(45).toString("base64"), "base64"],
      slot: data.readBigUInt64LE(4),
    };
    return { program, parsed: { type: "programData", info } };
  }
  return undefined;
}
