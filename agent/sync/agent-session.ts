import type { Clock } from "@ionet/machine";
import { type Desired, endpoints, type NodeId, type Observation, SYNC_PROTOCOL } from "@ionet/protocol";
import {
  deriveSessionKey,
  makeEphemeralKey,
  type SignatureHeaders,
  signHandshake,
  signSessionRequest,
} from "@ionet/protocol/node";
import { z } from "zod";
import type { NodeKey } from "../identity/node-key.ts";
import { postJson } from "./control-plane-client.ts";

/** An open session with the control plane. */
export type AgentSession = {
  sessionId: string;
  /** One sync: what is seen, for what is desired. Throws Refusal, Unreachable, or the signal's reason. */
  sync(observation: Observation, signal: AbortSignal): Promise<Desired>;
  /** Signs any other request of the session, with a number of its own. */
  sign(method: string, path: string): SignatureHeaders;
};

/**
 * Shakes hands: proves the node's key, and agrees on the session's MAC key, which never travels. Throws Refusal
 * (`node-unknown`, `node-already-connected`, `protocol-version-unsupported`, …) or Unreachable.
 */
export async function openAgentSession(options: {
  url: string;
  nodeId: NodeId;
  key: NodeKey;
  instance: string;
  clock: Clock;
  signal?: AbortSignal;
}): Promise<AgentSession> {
  const { url, nodeId, clock } = options;
  const ephemeral = makeEphemeralKey();
  const createdSeconds = () => Math.floor(clock.now() / 1000);
  const { path, body: bodySchema, response } = endpoints.openSession;
  const hello = {
    protocol: SYNC_PROTOCOL,
    nodeId,
    instance: options.instance,
    clientKey: ephemeral.publicKey,
  };
  const body = JSON.stringify(z.encode(bodySchema, hello));
  const headers = signHandshake(
    { method: "POST", path, body: Buffer.from(body) },
    {
      nodeId,
      privateKey: options.key.privateKey,
      createdSeconds: createdSeconds(),
      nonce: ephemeral.publicKey,
    },
  );
  const { sessionId, serverKey } = response.parse(
    await postJson({ url, path, body, headers, ...(options.signal ? { signal: options.signal } : {}) }),
  );
  const key = deriveSessionKey({
    ownKey: ephemeral.privateKey,
    otherPublicKey: serverKey,
    handshakeNonce: ephemeral.publicKey,
    sessionId,
  });
  let sequence = 0;
  const sign = (method: string, signedPath: string, signedBody = "") =>
    signSessionRequest(
      { method, path: signedPath, body: Buffer.from(signedBody) },
      { sessionId, key, sequence: ++sequence, createdSeconds: createdSeconds() },
    );
  return {
    sessionId,
    sign: (method, signedPath) => sign(method, signedPath),
    sync: async (observation, signal) => {
      const sync = endpoints.sync;
      const words = JSON.stringify(z.encode(sync.body, observation));
      const answer = await postJson({
        url,
        path: sync.path,
        body: words,
        headers: sign("POST", sync.path, words),
        signal,
      });
      return sync.response.parse(answer);
    },
  };
}
