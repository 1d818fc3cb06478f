import type { Clock } from "@ionet/machine";
import { CLOCK_SKEW_LIMIT_SECONDS, idSchema, type NodeId, problem } from "@ionet/protocol";
import { SIGNATURE_AGE_SECONDS, verifyHandshake, verifySessionRequest } from "@ionet/protocol/node";
import { z } from "zod";
import type { VerifyNode } from "../../platform/http/server.ts";
import type { Sessions } from "./sessions.ts";

/**
 * Checks who signed an agent's request: the node's key at the handshake, the session's key after it. `publicKeyOf`
 * throws `node-unknown`. A handshake is good once: its nonces are remembered for as long as its signature is.
 */
export function createVerifyNode(parts: {
  clock: Clock;
  sessions: Sessions;
  publicKeyOf: (nodeId: NodeId) => Promise<Uint8Array>;
}): VerifyNode {
  const { clock, sessions } = parts;
  /** Nonce → when its signature is too old anyway (Unix seconds). */
  const seen = new Map<string, number>();

  return async (request, auth) => {
    const nowSeconds = Math.floor(clock.now() / 1000);
    if (auth === "node-session") {
      const word = await verifySessionRequest(request, request.headers, nowSeconds, sessions.keyOf);
      const nodeId = sessions.accept(word.keyId, word.nonce);
      return { nodeId, sessionId: word.keyId, nonce: word.nonce };
    }
    const publicKeyOf = (keyId: string) => parts.publicKeyOf(nodeIdOf(keyId));
    const word = await verifyHandshake(request, request.headers, nowSeconds, publicKeyOf);
    requireRightClock(word.createdSeconds, nowSeconds);
    for (const [nonce, endSeconds] of seen) if (endSeconds < nowSeconds) seen.delete(nonce);
    if (seen.has(word.nonce)) {
      throw problem("request-replayed", {
        detail: "this handshake was received before",
        next: "Shake hands with a new ephemeral key; the agent does it by itself.",
      });
    }
    seen.set(word.nonce, word.createdSeconds + SIGNATURE_AGE_SECONDS);
    return { nodeId: nodeIdOf(word.keyId), sessionId: null, nonce: word.nonce };
  };
}

/** A node with a wrong clock would work unpaid: its statements are of a time before its lease, or still to come. */
function requireRightClock(createdSeconds: number, nowSeconds: number): void {
  const offSeconds = createdSeconds - nowSeconds;
  if (Math.abs(offSeconds) <= CLOCK_SKEW_LIMIT_SECONDS) return;
  throw problem("node-clock-off", {
    field: "created",
    given: `${Math.abs(offSeconds)} s ${offSeconds > 0 ? "ahead" : "behind"}`,
    allowed: `at most ${CLOCK_SKEW_LIMIT_SECONDS} s off`,
    detail: "the node's clock differs from the network's, so that nothing it delivers could be counted",
    next: "Set the node's clock, best by NTP (`timedatectl set-ntp true`); the agent tries again by itself.",
  });
}

function nodeIdOf(keyId: string): NodeId {
  const parsed = z.safeDecode(idSchema("node"), keyId);
  if (parsed.success) return parsed.data;
  throw nodeUnknown(keyId);
}

export const nodeUnknown = (given: string) =>
  problem("node-unknown", {
    field: "keyid",
    given: given.slice(0, 60),
    allowed: "the id of an enrolled node",
    detail: "no node of this id is enrolled here",
    next: "Enrol the node with a token of its supplier (`ionet agent enroll`).",
  });
