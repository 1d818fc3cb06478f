import { type EncodedAccount, getBase58Encoder } from "@solana/kit";
import { readToken } from "../tokens.ts";
import { invalidParam, RPC_CODE, RpcError } from "./errors.ts";
import { isObject, type RequestConfig, readCount, readText, readWord } from "./parameters.ts";

export type AccountFilter = (account: EncodedAccount) => boolean;

/** A node's own limits. */
const MAX_FILTERS = 4;
const MAX_MEMCMP_BYTES = 128;
/** 128 bytes written out. */
const MAX_MEMCMP_TEXT = { base58: 175, base64: 172 } as const;

/** Reads `filters` of getProgramAccounts and programSubscribe: an account must pass all of them. */
export function readFilters(value: unknown): AccountFilter {
  if (value === undefined || value === null) return () => true;
  if (!Array.isArray(value)) throw invalidParam("filters", value, `a list of at most ${MAX_FILTERS} filters`);
  if (value.length > MAX_FILTERS)
    throw new RpcError(RPC_CODE.invalidParams, `Too many filters provided; max ${MAX_FILTERS}`, {
      field: "filters",
      given: `${value.length} filters`,
      allowed: `at most ${MAX_FILTERS}`,
    });
  const filters = value.map(readFilter);
  return (account) => filters.every((filter) => filter(account));
}

function readFilter(value: unknown, index: number): AccountFilter {
  const name = `filters[${index}]`;
  if (isObject(value) && "dataSize" in value) {
    const size = readCount(value.dataSize, `${name}.dataSize`);
    return (account) => account.data.length === size;
  }
  if (isObject(value) && isObject(value.memcmp)) return readMemcmp(value.memcmp, `${name}.memcmp`);
  if (value === "tokenAccountState" || (isObject(value) && "tokenAccountState" in value))
    return (account) => readToken(account) !== undefined;
  throw invalidParam(
    name,
    value,
    '{"memcmp": {offset, bytes, encoding}}, {"dataSize": bytes} or tokenAccountState',
  );
}

function readMemcmp(memcmp: RequestConfig, name: string): AccountFilter {
  const offset = readCount(memcmp.offset, `${name}.offset`);
  const wanted = readMemcmpBytes(memcmp, name);
  return ({ data }) =>
    offset <= data.length && wanted.equals(Buffer.from(data.slice(offset, offset + wanted.length)));
}

/** Text in base58 or base64, or the bytes themselves as a list of numbers, whose encoding does not matter. */
function readMemcmpBytes({ bytes, encoding }: RequestConfig, name: string): Buffer {
  const field = `${name}.bytes`;
  const tooMany = (given: string) => invalidParam(field, given, `at most ${MAX_MEMCMP_BYTES} bytes`);
  if (Array.isArray(bytes)) {
    if (bytes.length > MAX_MEMCMP_BYTES) throw tooMany(`${bytes.length} bytes`);
    return Buffer.from(bytes.map((byte, i) => readCount(byte, `${field}[${i}]`, 255)));
  }
  const known = readWord(encoding, `${name}.encoding`, ["base58", "base64", "binary"], "base58");
  const textEncoding = known === "binary" ? "base58" : known;
  const text = readText(bytes, field);
  if (text.length > MAX_MEMCMP_TEXT[textEncoding])
    throw tooMany(`${text.length} characters of ${textEncoding}`);
  const wanted = decodeBytes(text, textEncoding, field);
  if (wanted.length > MAX_MEMCMP_BYTES) throw tooMany(`${wanted.length} bytes`);
  return wanted;
}

/** @throws RpcError −32602 naming the parameter where the text is not of that encoding */
export function decodeBytes(text: string, encoding: "base58" | "base64", name: string): Buffer {
  if (encoding === "base64") {
    const bytes = Buffer.from(text, "base64");
    if (bytes.toString("base64").replace(/=+$/, "") !== text.replace(/=+$/, ""))
      throw invalidParam(name, text, "base64");
    return bytes;
  }
  try {
    return Buffer.from(getBase58Encoder().encode(text));
  } catch {
    throw invalidParam(name, text, "base58");
  }
}
