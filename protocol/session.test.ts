import { createPrivateKey, createPublicKey } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  deriveSessionKey,
  makeEphemeralKey,
  SIGNATURE_AGE_SECONDS,
  signHandshake,
  signSessionRequest,
  verifyHandshake,
  verifySessionRequest,
  x25519PrivateKey,
} from "./session.ts";

const NOW = 1_800_000_000;
const SESSION = "ses_00000000000000000000";
const bytes = (text: string) => new TextEncoder().encode(text);
const request = { method: "POST", path: "/v1/sync", body: bytes('{"protocol":1}') };

describe("the session's key", () => {
  const terms = { handshakeNonce: "fixed-nonce", sessionId: SESSION };

  it("equals a value computed by another implementation (Python's cryptography and hmac)", () => {
    const key = deriveSessionKey({
      ownKey: x25519PrivateKey(new Uint8Array(32).fill(1)),
      otherPublicKey: "zo060cy2M+x7cMF4FKXHbs0CloUFDTRHRboFhw5YfVk=", // of the private key 02…02
      ...terms,
    });
    expect(Buffer.from(key).toString("hex")).toBe(
      "5c10ae7fc76262ec5202c32e9a8d375f8d5ea94c9ed4eb35277aecad86ddd8a4",
    );
  });

  it("is the same on both sides, and another for another nonce or session", () => {
    const client = makeEphemeralKey();
    const server = makeEphemeralKey();
    const ours = { ownKey: client.privateKey, otherPublicKey: server.publicKey };
    const theirs = { ownKey: server.privateKey, otherPublicKey: client.publicKey };
    const key = deriveSessionKey({ ...ours, ...terms });
    expect(deriveSessionKey({ ...theirs, ...terms })).toEqual(key);
    expect(deriveSessionKey({ ...theirs, ...terms, handshakeNonce: "other" })).not.toEqual(key);
    expect(deriveSessionKey({ ...theirs, ...terms, sessionId: "ses_11111111111111111111" })).not.toEqual(key);
  });

  it("is refused to a peer whose key gives no secret", () => {
    const zero = Buffer.alloc(32).toString("base64");
    expect(() =>
      deriveSessionKey({ ownKey: makeEphemeralKey().privateKey, otherPublicKey: zero, ...terms }),
    ).toThrow("request-signature-invalid");
  });
});

describe("a request of a session", () => {
  const key = new Uint8Array(32).fill(7);
  const signed = (at = NOW) =>
    new Headers(signSessionRequest(request, { sessionId: SESSION, key, sequence: 12, createdSeconds: at }));
  const check = (headers: Headers, changed = {}, verifyKey = key) =>
    verifySessionRequest({ ...request, ...changed }, headers, NOW, () => verifyKey);

  it("says who sent it, when, and which number it has", async () => {
    expect(await check(signed())).toEqual({ keyId: SESSION, createdSeconds: NOW, nonce: "12" });
  });

  it("is refused when method, path or body were changed, or with another key", async () => {
    for (const changed of [{ method: "PUT" }, { path: "/v1/tunnel" }, { body: bytes("{}") }]) {
      await expect(check(signed(), changed)).rejects.toThrow("request-signature-invalid");
    }
    await expect(check(signed(), {}, new Uint8Array(32).fill(8))).rejects.toThrow(
      "request-signature-invalid",
    );
  });

  it("is refused when the body was changed together with its digest", async () => {
    const headers = signed();
    const other = { ...request, body: bytes("{}") };
    const forged = signSessionRequest(other, {
      sessionId: SESSION,
      key: new Uint8Array(32),
      sequence: 12,
      createdSeconds: NOW,
    });
    headers.set("content-digest", forged["content-digest"]);
    await expect(check(headers, { body: other.body })).rejects.toThrow("request-signature-invalid");
  });

  it("is refused when it is too old, or from the future", async () => {
    const age = SIGNATURE_AGE_SECONDS;
    await expect(check(signed(NOW - age))).resolves.toBeDefined();
    await expect(check(signed(NOW - age - 1))).rejects.toThrow("request-signature-invalid");
    await expect(check(signed(NOW + age + 1))).rejects.toThrow("request-signature-invalid");
  });

  it("is refused when its nonce was changed, or a header is missing", async () => {
    const headers = signed();
    headers.set(
      "signature-input",
      (headers.get("signature-input") ?? "").replace('nonce="12"', 'nonce="13"'),
    );
    await expect(check(headers)).rejects.toThrow("request-signature-invalid");
    const bare = signed();
    bare.delete("signature");
    await expect(check(bare)).rejects.toThrow("signature is missing");
  });

  it("passes on what the caller says about an unknown session", async () => {
    const unknown = verifySessionRequest(request, signed(), NOW, () => {
      throw new Error("no such session");
    });
    await expect(unknown).rejects.toThrow("no such session");
  });
});

describe("a handshake", () => {
  // The key of RFC 8032, section 7.1, test 1.
  const seed = Buffer.from("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "hex");
  const privateKey = createPrivateKey({
    key: Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]),
    format: "der",
    type: "pkcs8",
  });
  const publicKey = Buffer.from(createPublicKey(privateKey).export({ format: "jwk" }).x ?? "", "base64url");
  const headers = signHandshake(request, {
    nodeId: "nod_00000000000000000000",
    privateKey,
    createdSeconds: NOW,
    nonce: "n",
  });

  it("has the same bytes always (Ed25519 is deterministic): a changed format is seen here", () => {
    expect(publicKey.toString("hex")).toBe(
      "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    );
    expect(headers).toMatchInlineSnapshot(`
      {
        "content-digest": "sha-256=:bXbWpAjxdVUmbFovbRY79RiK635g8RTViD6+OUb3W7g=:",
        "signature": "sig1=:TSAMUp1jK89hQ/ZIgdczvtcMlju09Uwznt0qrTsKMfIG8Qnm9ccQyh37F4hMrnVc3csQyI1hEtIxvl5cqpxFAA==:",
        "signature-input": "sig1=("@method" "@path" "content-digest");created=1800000000;nonce="n";keyid="nod_00000000000000000000";alg="ed25519"",
      }
    `);
  });

  it("is accepted with the node's key and with no other", async () => {
    const word = await verifyHandshake(request, new Headers(headers), NOW, async () => publicKey);
    expect(word.keyId).toBe("nod_00000000000000000000");
    const other = Buffer.from(makeEphemeralKey().publicKey, "base64");
    await expect(verifyHandshake(request, new Headers(headers), NOW, async () => other)).rejects.toThrow(
      "request-signature-invalid",
    );
  });

  it("can't be forged with a MAC, whose key everybody would know to be the public key", async () => {
    const mac = signSessionRequest(request, {
      sessionId: "nod_00000000000000000000",
      key: publicKey,
      sequence: 1,
      createdSeconds: NOW,
    });
    await expect(verifyHandshake(request, new Headers(mac), NOW, async () => publicKey)).rejects.toThrow(
      "request-signature-invalid",
    );
  });
});
