import { type EncodedAccount, getBase58Encoder } from "@solana/kit";
import { readToken } from "../tokens.ts";
import { invalidParam } from "./errors.ts";
import { isObject, readCount, readList, readText, readWord } from "./parameters.ts";

export type AccountFilter = (account: EncodedAccount) => boolean;

/** A node's own limits. */
const MAX_FILTERS = 4;
const MAX_MEMCMP_BYTES = 128;

/** Reads `filters` of getProgramAccounts and programSubscribe: an account must pass all of them. */
export function readFilters(value: unknown): AccountFilter {
  if (value === undefined || value === null) return () => true;
  const filters = readList(value, "filters", MAX_FILTERS).map(readFilter);
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

function readMemcmp(memcmp: { readonly [option: string]: unknown }, name: string): AccountFilter {
  const offset = readCount(memcmp.offset, `${name}.offset`);
  const encoding = readWord(memcmp.encoding, `${name}.encoding`, ["base58", "base64"], "base58");
  const wanted = decodeBytes(readText(memcmp.bytes, `${name}.bytes`), encoding, `${name}.bytes`);
  if (wanted.length > MAX_MEMCMP_BYTES)
    throw invalidParam(`${name}.bytes`, `${wanted.length} bytes`, `at most ${MAX_MEMCMP_BYTES} bytes`);
  return (account) => wanted.equals(Buffer.from(account.data).subarray(offset, offset + wanted.length));
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
