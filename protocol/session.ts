import {
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  sign,
  timingSafeEqual,
  verify,
} from "node:crypto";
import { createSignatureSync, type Verifier, verifySignature } from "http-message-sig";
import { z } from "zod";
import { errorText } from "./error-text.ts";
import { problem } from "./problems.ts";

/*
 * How an agent's requests are signed (HTTP Message Signatures, RFC 9421). The handshake carries the node's Ed25519
 * signature and agrees on a key (X25519); every later request carries a MAC under that key and a number that is used
 * once. A Content-Digest (RFC 9530) ties the body to the signature.
 */

/** A signature is good for this long: Unix seconds of `created` against the receiver's clock, either way. */
export const SIGNATURE_AGE_SECONDS = 60;

const COMPONENTS = ["@method", "@path", "content-digest"] as const;
const KEY_BYTES = 32;

/** The parts of a request that a signature covers. `path` has no query: the calls of agents have none. */
export type SignedParts = { method: string; path: string; body: Uint8Array };
/** The headers that carry a signature. */
export type SignatureHeaders = { "content-digest": string; "signature-input": string; signature: string };
/** What a good signature says: whose key, when (Unix seconds), and its nonce. */
export type SignatureWord = { keyId: string; createdSeconds: number; nonce: string };
type Stamp = { createdSeconds: number; nonce: string };

/** `sha-256=:…:`, as RFC 9530 has it. */
export const contentDigest = (body: Uint8Array): string =>
  `sha-256=:${createHash("sha256").update(body).digest("base64")}:`;

/** Signs a handshake with the node's own key. Its nonce is the session's ephemeral key, which is new each time. */
export const signHandshake = (
  request: SignedParts,
  signer: Stamp & { nodeId: string; privateKey: KeyObject },
): SignatureHeaders =>
  signRequest(request, signer.nodeId, signer, {
    algorithm: "ed25519",
    sign: (data) => new Uint8Array(sign(null, data, signer.privateKey)),
  });

/** Signs a request of a session: `sequence` is larger than in any request of this session before. */
export const signSessionRequest = (
  request: SignedParts,
  signer: { sessionId: string; key: Uint8Array; sequence: number; createdSeconds: number },
): SignatureHeaders =>
  signRequest(request, signer.sessionId, { ...signer, nonce: String(signer.sequence) }, macOf(signer.key));

/**
 * Checks a handshake. `publicKeyOf` finds the raw Ed25519 key of a node and throws for an unknown one; its error comes
 * out as it is. Throws `request-signature-invalid`.
 */
export const verifyHandshake = (
  request: SignedParts,
  headers: Headers,
  nowSeconds: number,
  publicKeyOf: (nodeId: string) => Promise<Uint8Array>,
): Promise<SignatureWord> =>
  verifyRequest(request, headers, nowSeconds, async (nodeId) => {
    const publicKey = ed25519PublicKey(await publicKeyOf(nodeId));
    return { algorithm: "ed25519", verify: (data, signature) => verify(null, data, publicKey, signature) };
  });

/** Checks a request of a session; `keyOf` throws for an unknown session. Whether its number is new is for the caller to see. */
export const verifySessionRequest = (
  request: SignedParts,
  headers: Headers,
  nowSeconds: number,
  keyOf: (sessionId: string) => Uint8Array,
): Promise<SignatureWord> =>
  verifyRequest(request, headers, nowSeconds, async (sessionId) => macOf(keyOf(sessionId)));

/** A fresh X25519 pair for one handshake; the public key in base64, as it travels. */
export function makeEphemeralKey(): { privateKey: KeyObject; publicKey: string } {
  const pair = generateKeyPairSync("x25519");
  const { x } = pair.publicKey.export({ format: "jwk" });
  return { privateKey: pair.privateKey, publicKey: Buffer.from(x ?? "", "base64url").toString("base64") };
}

/** An X25519 private key out of its 32 bytes (test vectors). */
export const x25519PrivateKey = (bytes: Uint8Array): KeyObject =>
  // The fixed head of an X25519 key in PKCS#8 (RFC 8410).
  createPrivateKey({
    key: Buffer.concat([Buffer.from("302e020100300506032b656e04220420", "hex"), bytes]),
    format: "der",
    type: "pkcs8",
  });

/**
 * The session's MAC key, the same on both sides: HKDF-SHA256 of the X25519 secret, salted with the handshake's nonce and
 * bound to the session's id. It never travels.
 */
export function deriveSessionKey(agreement: {
  ownKey: KeyObject;
  otherPublicKey: string;
  handshakeNonce: string;
  sessionId: string;
}): Uint8Array {
  const otherKey = okpPublicKey("X25519", Buffer.from(agreement.otherPublicKey, "base64"));
  let secret: Uint8Array;
  try {
    secret = diffieHellman({ privateKey: agreement.ownKey, publicKey: otherKey });
  } catch {
    throw signatureInvalid("the ephemeral key is not a usable X25519 key");
  }
  const info = `ionet sync v1 ${agreement.sessionId}`;
  return new Uint8Array(hkdfSync("sha256", secret, agreement.handshakeNonce, info, KEY_BYTES));
}

/** An Ed25519 public key out of its 32 bytes. */
export const ed25519PublicKey = (bytes: Uint8Array): KeyObject => okpPublicKey("Ed25519", bytes);

function okpPublicKey(crv: "Ed25519" | "X25519", bytes: Uint8Array): KeyObject {
  if (bytes.length !== KEY_BYTES) throw signatureInvalid(`an ${crv} key has 32 bytes, given ${bytes.length}`);
  const x = Buffer.from(bytes).toString("base64url");
  return createPublicKey({ key: { kty: "OKP", crv, x }, format: "jwk" });
}

function macOf(key: Uint8Array) {
  const mac = (data: Uint8Array) => new Uint8Array(createHmac("sha256", key).update(data).digest());
  return {
    algorithm: "hmac-sha256",
    sign: mac,
    verify: (data: Uint8Array, signature: Uint8Array) =>
      signature.length === KEY_BYTES && timingSafeEqual(mac(data), signature),
  };
}

/** Only method and path are read from the URI, so the authority does not matter. */
const describe = (request: SignedParts, fields: readonly { name: string; value: string }[]) => ({
  kind: "request" as const,
  method: request.method,
  targetUri: `http://control-plane.invalid${request.path}`,
  fields,
});

function signRequest(
  request: SignedParts,
  keyid: string,
  { createdSeconds, nonce }: Stamp,
  signer: { algorithm: string; sign(data: Uint8Array): Uint8Array },
): SignatureHeaders {
  const digest = contentDigest(request.body);
  const { signature, signatureInput } = createSignatureSync(
    describe(request, [{ name: "content-digest", value: digest }]),
    {
      components: COMPONENTS,
      parameters: { created: createdSeconds, nonce, keyid, alg: signer.algorithm },
      signer,
    },
  );
  return { "content-digest": digest, "signature-input": signatureInput, signature };
}

const parametersSchema = z.object({ keyid: z.string(), created: z.number(), nonce: z.string() });

async function verifyRequest(
  request: SignedParts,
  headers: Headers,
  nowSeconds: number,
  verifierOf: (keyId: string) => Promise<Verifier>,
): Promise<SignatureWord> {
  const fields = ["content-digest", "signature-input", "signature"].map((name) => {
    const value = headers.get(name);
    if (value === null) throw signatureInvalid(`the header ${name} is missing`);
    return { name, value };
  });
  if (headers.get("content-digest") !== contentDigest(request.body)) {
    throw signatureInvalid("Content-Digest is not the SHA-256 of the body that came");
  }
  let unknownKey: unknown;
  let verified: Awaited<ReturnType<typeof verifySignature>>;
  try {
    verified = await verifySignature(describe(request, fields), {
      policy: {
        algorithms: ["ed25519", "hmac-sha256"],
        requiredComponents: COMPONENTS,
        requiredParameters: ["created", "nonce", "keyid"],
        maxAge: SIGNATURE_AGE_SECONDS,
        clockSkew: SIGNATURE_AGE_SECONDS,
        now: nowSeconds,
      },
      resolveVerifier: ({ parameters }) =>
        verifierOf(parameters.keyid ?? "").catch((error: unknown) => {
          unknownKey = error;
          throw error;
        }),
    });
  } catch (error) {
    if (unknownKey !== undefined) throw unknownKey;
    throw signatureInvalid(errorText(error));
  }
  const { keyid, created, nonce } = parametersSchema.parse(verified.parameters);
  // The library adds the allowed skew to the age; here one limit holds in both directions.
  if (Math.abs(nowSeconds - created) > SIGNATURE_AGE_SECONDS) {
    throw signatureInvalid(
      `created ${created} is more than ${SIGNATURE_AGE_SECONDS} s from now (${nowSeconds})`,
    );
  }
  return { keyId: keyid, createdSeconds: created, nonce };
}

const signatureInvalid = (detail: string) =>
  problem("request-signature-invalid", {
    detail,
    next: "Sign the request anew; if it stays, compare this machine's clock with the network's and enrol the node again.",
  });
