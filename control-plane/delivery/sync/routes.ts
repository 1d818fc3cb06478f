import { type Observation, problem, SYNC_PROTOCOL } from "@ionet/protocol";
import type { Context } from "../../platform/context.ts";
import type { Handlers } from "../../platform/http/handlers.ts";
import type { VerifyNode } from "../../platform/http/server.ts";
import type { Signals } from "../../platform/signals.ts";
import { findNode } from "../../supply/nodes/store.ts";
import { createHolds } from "./hold.ts";
import { createSessions } from "./sessions.ts";
import { syncNode } from "./sync-node.ts";
import { createVerifyNode, nodeUnknown } from "./verify-node.ts";

/** What agents speak with. */
export type Sync = { verifyNode: VerifyNode; handlers: Handlers<"openSession" | "sync"> };

/** Makes the agents' side of the server; `onNodeChanged` is the other end of the context's `nodeChanged`. */
export function createSync(ctx: Context, onNodeChanged: Signals["onNodeChanged"]): Sync {
  const sessions = createSessions(ctx);
  const holds = createHolds();
  onNodeChanged(holds.wake);
  const verifyNode = createVerifyNode({
    clock: ctx.clock,
    sessions,
    publicKeyOf: async (nodeId) => {
      const node = await findNode(ctx, nodeId);
      if (node === undefined) throw nodeUnknown(nodeId);
      return node.publicKey;
    },
  });
  return {
    verifyNode,
    handlers: {
      openSession: async ({ body }, caller) => {
        requireProtocol(body.protocol);
        if (body.nodeId !== caller.nodeId || body.clientKey !== caller.nonce) throw handshakeMixed();
        return sessions.open({ ...body, nonce: caller.nonce });
      },
      sync: async ({ body }, caller, { signal }) => {
        requireProtocol(body.protocol);
        const desired = await syncNode(ctx, holds, caller.nodeId, body, signal);
        sessions.leaves(caller.nodeId, isLastWord(body));
        return desired;
      },
    },
  };
}

/** An agent that ends has nothing more to say once all its leases have ended: what it said of them is written. */
const isLastWord = ({ readiness, leases }: Observation): boolean =>
  readiness.leaving === true && leases.every(({ phase }) => phase === "ended");

function requireProtocol(given: number): void {
  if (given === SYNC_PROTOCOL) return;
  throw problem("protocol-version-unsupported", {
    field: "protocol",
    given: String(given),
    allowed: String(SYNC_PROTOCOL),
    detail: "this control plane speaks another version of sync",
    next:
      given < SYNC_PROTOCOL ? "Update the agent." : "Wait for the network to update, or use an older agent.",
  });
}

const handshakeMixed = () =>
  problem("request-signature-invalid", {
    detail: "the signature's keyid and nonce are to be the body's nodeId and clientKey",
    next: "Sign the handshake with the node's key, its ephemeral key as the nonce.",
  });
