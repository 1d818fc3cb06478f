/** The codes of JSON-RPC 2.0 and of Solana's nodes (agave, rpc-client-api/src/custom_error.rs). */
export const RPC_CODE = {
  parseError: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
  blockCleanedUp: -32001,
  preflightFailure: -32002,
  blockNotAvailable: -32004,
  noSnapshot: -32008,
  unsupportedTransactionVersion: -32015,
  minContextSlot: -32016,
  transactionNotFound: -32020,
} as const;

/** What a method answers instead of a result. */
export class RpcError extends Error {
  readonly code: number;
  readonly data: unknown;
  constructor(code: number, message: string, data?: unknown) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

/** A parameter that is not what it must be: named, with what was given and what is allowed. */
export function invalidParam(name: string, given: unknown, allowed: string): RpcError {
  return refusedParam(`${name}: given ${shorten(given)}; allowed: ${allowed}`, name, given, allowed);
}

/** The same in a node's own words, which its clients look for; the data names the rest. */
export function refusedParam(words: string, name: string, given: unknown, allowed: string): RpcError {
  const data = { field: name, given: shorten(given), allowed };
  return new RpcError(RPC_CODE.invalidParams, `Invalid param: ${words}`, data);
}

function shorten(given: unknown): string {
  const shown = given === undefined ? "nothing" : (JSON.stringify(given, bigintAsText) ?? String(given));
  return shown.length > 120 ? `${shown.slice(0, 120)}…` : shown;
}

function bigintAsText(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}
