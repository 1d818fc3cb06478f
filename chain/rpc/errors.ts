import { errorText } from "@ionet/protocol";
import {
  isSolanaError,
  SOLANA_ERROR__JSON_RPC__SERVER_ERROR_MIN_CONTEXT_SLOT_NOT_REACHED,
  SOLANA_ERROR__JSON_RPC__SERVER_ERROR_NODE_UNHEALTHY,
} from "@solana/kit";
import { endpointName } from "./fail-over.ts";
import { isSilence } from "./silence.ts";

export type ChainErrorCode =
  | "simulation-failed"
  | "expired"
  | "rpc-unreachable"
  | "rpc-refused"
  | "insufficient-funds"
  | "program-error";

/**
 * What went wrong between us and the chain.
 *
 * - `rpc-unreachable`: no answer, or one of an endpoint that is behind; nothing is known about what was sent before.
 * - `rpc-refused`: the endpoint answered with an error of its own.
 * - `insufficient-funds`: the payer lacks lamports, or a token account lacks tokens. Nothing happened.
 * - `program-error`: the escrow program refused, by `programErrorName`. Nothing happened.
 * - `simulation-failed`: anything else that would make the transaction fail. Nothing happened.
 * - `expired`: the transaction's blockhash ran out before it was seen; it can never land. Build it anew.
 */
export class ChainError extends Error {
  readonly code: ChainErrorCode;
  /** The escrow program's name for the error, such as "FundingTooLittle". */
  readonly programErrorName?: string;
  /** What the programs logged. */
  readonly logs?: readonly string[];

  constructor(
    code: ChainErrorCode,
    message: string,
    more: { programErrorName?: string; logs?: readonly string[]; cause?: unknown } = {},
  ) {
    super(message, { cause: more.cause });
    this.name = "ChainError";
    this.code = code;
    if (more.programErrorName !== undefined) this.programErrorName = more.programErrorName;
    if (more.logs !== undefined) this.logs = more.logs;
  }
}

/** A failed RPC call as a ChainError; what is not about the RPC (an abort, a mistake of ours) stays as it is. */
export function asChainError(chain: { url: string }, cause: unknown): unknown {
  if (cause instanceof ChainError || (cause instanceof Error && cause.name === "AbortError")) return cause;
  const endpoint = endpointName(chain.url);
  if (isSilence(cause)) {
    const message = `the Solana RPC endpoint ${endpoint} can't be reached (${errorText(cause)}); check the URL and that the network runs`;
    return new ChainError("rpc-unreachable", message, { cause });
  }
  if (isBehind(cause)) {
    const message = `the Solana RPC endpoint ${endpoint} is behind the others (${cause.message}); try again, or use another endpoint`;
    return new ChainError("rpc-unreachable", message, { cause });
  }
  if (isSolanaError(cause)) {
    return new ChainError("rpc-refused", `${endpoint} refused the call: ${cause.message}`, { cause });
  }
  return cause;
}

const isBehind = (cause: unknown): cause is Error =>
  isSolanaError(cause, SOLANA_ERROR__JSON_RPC__SERVER_ERROR_NODE_UNHEALTHY) ||
  isSolanaError(cause, SOLANA_ERROR__JSON_RPC__SERVER_ERROR_MIN_CONTEXT_SLOT_NOT_REACHED);
