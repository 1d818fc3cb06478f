import { errorText } from "@ionet/protocol";
import { createDefaultRpcTransport, type RpcTransport } from "@solana/kit";
import { isSilence } from "./silence.ts";

/** A node that says of itself that it is behind the others: one that has not seen what was asked for is silent too. */
const BEHIND_CODES: readonly number[] = [-32005, -32016];

/** One endpoint is given up for another; both without their path and query, which may hold a key. */
export type FailOver = { from: string; to: string; reason: string };

/**
 * Asks the endpoint that answered last, and the others in turn when it can't be reached, is overloaded, hangs, talks
 * nonsense or is behind. What an endpoint answers, errors included, stands: only silence is asked about elsewhere.
 */
export function failOver(
  urls: readonly string[],
  { timeoutMs, onFailOver }: { timeoutMs: number; onFailOver?: (change: FailOver) => void },
): RpcTransport {
  const transports: RpcTransport[] = urls.map((url) => createDefaultRpcTransport({ url }));
  const name = (position: number) => endpointName(urls[position] ?? "");
  let current = 0;
  return async <Response>(request: Parameters<RpcTransport>[0]): Promise<Response> => {
    for (let tried = 0; ; tried++) {
      const asked = current;
      const transport = transports[asked];
      if (transport === undefined) throw new RangeError("a chain needs at least one endpoint");
      const isLast = tried === transports.length - 1;
      const limit = AbortSignal.timeout(timeoutMs);
      const signal = request.signal === undefined ? limit : AbortSignal.any([request.signal, limit]);
      const moveOn = (reason: string) => {
        // Unless another call has moved on already.
        if (current !== asked) return;
        current = (asked + 1) % transports.length;
        onFailOver?.({ from: name(asked), to: name(current), reason });
      };
      try {
        const answer = await transport<Response>({ ...request, signal });
        if (isLast || !isBehind(answer)) return answer;
        moveOn("it is behind");
      } catch (cause) {
        if (!isSilence(cause) || isLast) throw cause;
        moveOn(errorText(cause));
      }
    }
  };
}

function isBehind(answer: unknown): boolean {
  if (typeof answer !== "object" || answer === null || !("error" in answer)) return false;
  const { error } = answer;
  if (typeof error !== "object" || error === null || !("code" in error)) return false;
  // Numbers come as bigints from the parser that keeps lamports exact.
  return BEHIND_CODES.includes(Number(error.code));
}

/** An endpoint as it may be shown: scheme, host and port. */
export const endpointName = (url: string): string => (URL.canParse(url) ? new URL(url).origin : url);
