import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { encodeStatement, type Statement } from "@ionet/protocol";
import { firstPrevious, hashStatement } from "@ionet/protocol/node";
import { CLOCK_SKEW_MS } from "./model.ts";

/** How far a lease's chain of statements has come. */
export type ChainEnd = { nextSequence: number; lastHash: string | null; lastAtMs: number | null };

/** What a statement is held against besides its chain. Unix milliseconds of our clock. */
export type Circumstances = {
  nodeKey: KeyObject;
  assignedAtMs: number;
  endedAtMs: number | null;
  nowMs: number;
};

export type StatementVerdict =
  | { accepted: true; end: ChainEnd }
  | {
      accepted: false;
      reason:
        | "known"
        | "gap"
        | "broken-chain"
        | "time-backwards"
        | "before-lease"
        | "after-lease"
        | "in-future"
        | "bad-signature";
    };

/** A node's Ed25519 public key from its 32 bytes. */
export const nodeKeyFrom = (publicKey: Uint8Array): KeyObject =>
  createPublicKey({
    format: "jwk",
    key: { kty: "OKP", crv: "Ed25519", x: Buffer.from(publicKey).toString("base64url") },
  });

/** Whether a statement is the next one of its lease's chain, of this node, and of a time that can be. */
export function verifyStatement(
  statement: Statement,
  end: ChainEnd,
  { nodeKey, assignedAtMs, endedAtMs, nowMs }: Circumstances,
): StatementVerdict {
  const refuse = (reason: Extract<StatementVerdict, { accepted: false }>["reason"]): StatementVerdict => ({
    accepted: false,
    reason,
  });
  if (statement.sequence < end.nextSequence) return refuse("known");
  if (statement.sequence > end.nextSequence) return refuse("gap");
  if (statement.previous !== (end.lastHash ?? firstPrevious(statement.leaseId)))
    return refuse("broken-chain");
  if (end.lastAtMs !== null && statement.atMs <= end.lastAtMs) return refuse("time-backwards");
  if (statement.atMs < assignedAtMs - CLOCK_SKEW_MS) return refuse("before-lease");
  if (endedAtMs !== null && statement.atMs > endedAtMs + CLOCK_SKEW_MS) return refuse("after-lease");
  if (statement.atMs > nowMs + CLOCK_SKEW_MS) return refuse("in-future");
  const signature = Buffer.from(statement.signature, "base64");
  if (!verify(null, encodeStatement(statement), nodeKey, signature)) return refuse("bad-signature");
  return {
    accepted: true,
    end: {
      nextSequence: statement.sequence + 1,
      lastHash: hashStatement(statement),
      lastAtMs: statement.atMs,
    },
  };
}
