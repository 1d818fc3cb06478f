import {
  createDefaultRpcTransport,
  isSolanaError,
  type RpcTransport,
  SOLANA_ERROR__RPC__TRANSPORT_HTTP_ERROR,
} from "@solana/kit";

/** The endpoint itself has a problem: too many requests, or anything of its own. */
const OVERLOADED = 429;
const SERVER_ERRORS_FROM = 500;

/**
 * Asks the endpoint that answered last, and the others in turn when it can't be reached or is overloaded. What an
 * endpoint answers, errors included, stands: only silence is asked about elsewhere.
 */
export function failOver(urls: readonly string[]): RpcTransport {
  const transports: RpcTransport[] = urls.map((url) => createDefaultRpcTransport({ url }));
  let current = 0;
  return async (...request: Parameters<RpcTransport>) => {
    for (let tried = 0; ; tried++) {
      const asked = current;
      const transport = transports[asked];
      if (transport === undefined) throw new RangeError("a chain needs at least one endpoint");
      try {
        return await transport(...request);
      } catch (cause) {
        if (!isDown(cause) || tried === transports.length - 1) throw cause;
        // Unless another call has moved on already.
        if (current === asked) current = (asked + 1) % transports.length;
      }
    }
  };
}

function isDown(cause: unknown): boolean {
  if (isSolanaError(cause, SOLANA_ERROR__RPC__TRANSPORT_HTTP_ERROR)) {
    const { statusCode } = cause.context;
    return statusCode === OVERLOADED || statusCode >= SERVER_ERRORS_FROM;
  }
  return cause instanceof TypeError && cause.message === "fetch failed";
}
