import type { WireMessage } from "./wire-transaction.ts";

const MEMO_PROGRAMS: readonly string[] = [
  "Memo1UhkJRfHyvLMcVucJwxXeuD728EqVDDwQDxFMNo",
  "MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr",
];

/** What a transaction's memos say, each with its length in bytes, as a node lists them; null where there is none. */
export function memosOf(message: WireMessage): string | null {
  const memos = message.instructions
    .filter((one) => MEMO_PROGRAMS.includes(message.staticAccounts[one.programAddressIndex] ?? ""))
    .map(({ data }) => `[${data.length}] ${decode(Buffer.from(data))}`);
  return memos.length === 0 ? null : memos.join("; ");
}

function decode(data: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);
  } catch {
    return "(unparseable)";
  }
}
