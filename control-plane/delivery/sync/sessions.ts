import type { Clock } from "@ionet/machine";
import { type Id, makeId, type NodeId, problem } from "@ionet/protocol";
import { deriveSessionKey, makeEphemeralKey } from "@ionet/protocol/node";
import type { Random } from "../../platform/context.ts";
import { createUsedNumbers, type UsedNumbers } from "./used-numbers.ts";

/** A session lasts this long; then the agent shakes hands again. */
export const SESSION_SECONDS = 24 * 3600;
/** An agent that was not heard for this long has given up its place: another with the same key may come. */
const PRESENCE_MS = 15_000;

type Session = {
  id: Id<"session">;
  nodeId: NodeId;
  instance: string;
  key: Uint8Array;
  used: UsedNumbers;
  endsAtMs: number;
  lastRequestAtMs: number;
  /** It has said that it ends, and holds nothing any more. */
  hasLeft: boolean;
};

/** What an agent offers at its handshake; `nonce` is that of its signature. */
export type Hello = { nodeId: NodeId; instance: string; clientKey: string; nonce: string };
export type OpenedSession = { sessionId: Id<"session">; serverKey: string; expiresInSeconds: number };

/**
 * The sessions of the agents connected here, in memory: after a restart agents shake hands again. One for a node: an
 * agent that starts again takes over its own place, or that of one which has taken its leave; a second agent with the same
 * key is refused.
 */
export type Sessions = {
  /** Throws `node-already-connected`. */
  open(hello: Hello): OpenedSession;
  /** The MAC key; throws `session-unknown`. */
  keyOf(sessionId: string): Uint8Array;
  /** Takes note of a request whose MAC was right; throws `request-replayed` for a number seen before. */
  accept(sessionId: string, sequence: string): NodeId;
  /** Takes note of whether the node's agent has said its last word: then another may come at once. */
  leaves(nodeId: NodeId, hasLeft: boolean): void;
};

export function createSessions(parts: { clock: Clock; random: Random }): Sessions {
  const { clock, random } = parts;
  const byId = new Map<string, Session>();
  const byNode = new Map<NodeId, Session>();

  const find = (sessionId: string): Session => {
    const session = byId.get(sessionId);
    if (session !== undefined && clock.now() < session.endsAtMs) return session;
    throw problem("session-unknown", {
      detail: "this session is not open here: the control plane was restarted, or its time is over",
      next: "Open a session with a new handshake; the agent does it by itself.",
    });
  };

  return {
    open: (hello) => {
      const now = clock.now();
      const present = byNode.get(hello.nodeId);
      if (
        present !== undefined &&
        present.instance !== hello.instance &&
        !present.hasLeft &&
        now - present.lastRequestAtMs < PRESENCE_MS
      ) {
        throw problem("node-already-connected", {
          field: "nodeId",
          given: hello.nodeId,
          allowed: "one agent for one node's key",
          detail: "an agent with this node's key was heard less than 15 s ago",
          next: "End the other agent. After a kill this passes by itself within 15 s. A copied state folder needs a node of its own: enrol again in an empty one.",
        });
      }
      if (present !== undefined) byId.delete(present.id);
      const ephemeral = makeEphemeralKey();
      const id = makeId("session", random.bytes(20));
      const key = deriveSessionKey({
        ownKey: ephemeral.privateKey,
        otherPublicKey: hello.clientKey,
        handshakeNonce: hello.nonce,
        sessionId: id,
      });
      const session: Session = {
        id,
        nodeId: hello.nodeId,
        instance: hello.instance,
        key,
        used: createUsedNumbers(),
        endsAtMs: now + SESSION_SECONDS * 1000,
        lastRequestAtMs: now,
        hasLeft: false,
      };
      byId.set(id, session);
      byNode.set(hello.nodeId, session);
      return { sessionId: id, serverKey: ephemeral.publicKey, expiresInSeconds: SESSION_SECONDS };
    },
    keyOf: (sessionId) => find(sessionId).key,
    accept: (sessionId, sequence) => {
      const session = find(sessionId);
      if (!/^[1-9]\d{0,14}$/.test(sequence) || !session.used.take(Number(sequence))) {
        throw problem("request-replayed", {
          detail: `request number ${sequence.slice(0, 20)} of this session was received before, or is too old`,
          next: "Give every request of a session a larger number than the one before.",
        });
      }
      session.lastRequestAtMs = clock.now();
      return session.nodeId;
    },
    leaves: (nodeId, hasLeft) => {
      const session = byNode.get(nodeId);
      if (session !== undefined) session.hasLeft = hasLeft;
    },
  };
}
