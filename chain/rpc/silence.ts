import { isSolanaError, SOLANA_ERROR__RPC__TRANSPORT_HTTP_ERROR } from "@solana/kit";

/** What fetch says of a connection that was not made, or that broke while the answer came. */
const NO_CONNECTION: readonly string[] = [
  // Node
  "fetch failed",
  "terminated",
  // Chrome, Firefox, Safari
  "Failed to fetch",
  "network error",
  "NetworkError when attempting to fetch resource.",
  "Load failed",
];

/**
 * Whether a call failed without an answer, so that nothing is known of what it did: no connection, none in time, an HTTP
 * status that is no success, or something that is no JSON.
 */
export function isSilence(cause: unknown): cause is Error {
  if (isSolanaError(cause, SOLANA_ERROR__RPC__TRANSPORT_HTTP_ERROR)) return true;
  if (cause instanceof TypeError) return NO_CONNECTION.includes(cause.message);
  if (cause instanceof SyntaxError) return true;
  return cause instanceof Error && cause.name === "TimeoutError";
}
