import { createPublicKey, verify } from "node:crypto";
import { type Answer, type Call, enrolmentProof, makeId, problem } from "@ionet/protocol";
import { accountById } from "../../platform/accounts/store.ts";
import type { Context } from "../../platform/context.ts";
import { useEnrolmentToken } from "./enrolment-tokens.ts";
import { insertNode } from "./store.ts";

/**
 * Binds a node's key to the supplier who made the token. Throws `request-signature-invalid` when the proof is not by
 * that key, `enrolment-token-invalid`, `node-key-taken`; none of these uses the token up.
 */
export async function enrolNode(
  ctx: Pick<Context, "db" | "clock" | "random">,
  given: Call<"enrolNode">["body"],
): Promise<Answer<"enrolNode">> {
  const publicKey = new Uint8Array(Buffer.from(given.publicKey, "base64"));
  if (publicKey.length !== 32) {
    throw problem("invalid-request", {
      detail: "publicKey is no Ed25519 key",
      field: "publicKey",
      given: `${publicKey.length} bytes`,
      allowed: "32 bytes in base64",
      next: "Send the raw public key that the agent made.",
    });
  }
  if (!isProven(given, publicKey)) {
    throw problem("request-signature-invalid", {
      detail: "the proof is not this key's signature over the token and the key",
      field: "proof",
      next: "Sign enrolmentProof(token, publicKey) with the node's own key.",
    });
  }
  const nowMs = ctx.clock.now();
  return ctx.db.transaction().execute(async (db) => {
    const bound = await useEnrolmentToken(db, given.token, nowMs);
    if (bound === null) {
      throw problem("enrolment-token-invalid", {
        detail: "the enrolment token is unknown, used up or expired",
        field: "token",
        next: "Ask the supplier for a new one (`ionet agent enroll` makes one, or POST /v1/enrolment-tokens).",
      });
    }
    const { wallet } = await accountById(db, bound.accountId);
    const id = makeId("node", ctx.random.bytes(20));
    if (!(await insertNode(db, { id, wallet, publicKey, ...bound }, nowMs))) {
      throw problem("node-key-taken", {
        detail: "a node with this key is enrolled already",
        field: "publicKey",
        next: "Start the agent with the state folder it was enrolled in; a new node needs a key of its own.",
      });
    }
    return { nodeId: id, supplier: wallet, supplierKind: bound.supplierKind };
  });
}

function isProven(given: Call<"enrolNode">["body"], publicKey: Uint8Array): boolean {
  // The fixed head of an Ed25519 public key in SubjectPublicKeyInfo (RFC 8410).
  const der = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), publicKey]);
  const key = createPublicKey({ key: der, format: "der", type: "spki" });
  return verify(null, enrolmentProof(given.token, given.publicKey), key, Buffer.from(given.proof, "base64"));
}
