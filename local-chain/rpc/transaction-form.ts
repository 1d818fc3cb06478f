import type { TransactionRecord } from "../transaction-log.ts";
import type { TransactionEncoding } from "./encode-transaction.ts";
import { RPC_CODE, RpcError } from "./errors.ts";
import { type RequestConfig, readOptionalCount, readWord } from "./parameters.ts";

/** In which form a client wants transactions, and the newest version that it reads; undefined: legacy only. */
export type TransactionForm = { encoding: TransactionEncoding; newestVersion: number | undefined };

/** Reads `encoding` and `maxSupportedTransactionVersion`. */
export function readTransactionForm(options: RequestConfig): TransactionForm {
  const encodings = ["json", "jsonParsed", "base64", "base58", "binary"] as const;
  return {
    encoding: readWord(options.encoding, "encoding", encodings, "json"),
    newestVersion: readOptionalCount(
      options.maxSupportedTransactionVersion,
      "maxSupportedTransactionVersion",
    ),
  };
}

/** @throws RpcError −32015 where a transaction is newer than the client reads */
export function refuseUnsupportedVersion(record: TransactionRecord, newest: number | undefined): void {
  const { version } = record.wire;
  if (version === "legacy" || (newest !== undefined && version <= newest)) return;
  throw new RpcError(
    RPC_CODE.unsupportedTransactionVersion,
    `Transaction version (${version}) is not supported by the requesting client. Please try the request again with the following configuration parameter: "maxSupportedTransactionVersion": ${version}`,
  );
}
