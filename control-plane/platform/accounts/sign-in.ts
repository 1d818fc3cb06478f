import { type Answer, makeId, problem, scopeSchema } from "@ionet/protocol";
import type { Context } from "../context.ts";
import { hashSecret, makeSecret } from "./secret.ts";
import { isAddress, isSignedBy, nonceOf, signInText } from "./sign-in-message.ts";
import { accountOf, findChallenge, insertAccessKey, insertChallenge, useChallenge } from "./store.ts";

/** Where people sign in to: the control plane's own address, and Solana's name of its network. */
export type SignInPlace = { publicUrl: string; chainId: "mainnet" | "devnet" | "localnet" };

/** A sign-in message is good for five minutes. */
const CHALLENGE_MS = 300_000;
/** A sign-in token is good for a day. */
const SIGN_IN_MS = 24 * 3_600_000;
const again = "Ask for a new sign-in message, sign it as it stands with the wallet's key, and send it back.";

type SignInParts = Pick<Context, "db" | "clock" | "random">;

/** Gives out a Sign-In With Solana message. Throws `invalid-request` when the address is none. */
export async function createChallenge(
  ctx: SignInParts,
  place: SignInPlace,
  wallet: string,
): Promise<Answer<"createChallenge">> {
  if (!isAddress(wallet)) {
    throw problem("invalid-request", {
      detail: "wallet is no Solana address",
      field: "wallet",
      given: wallet,
      allowed: "the base58 text of 32 bytes",
      next: "Give the wallet's public key, as `solana address` prints it.",
    });
  }
  const nowMs = ctx.clock.now();
  const nonce = Buffer.from(ctx.random.bytes(16)).toString("hex");
  const expiresAt = new Date(nowMs + CHALLENGE_MS).toISOString();
  const message = signInText({
    domain: new URL(place.publicUrl).host,
    address: wallet,
    statement: "Sign in to ionet. This costs nothing and moves no funds.",
    uri: place.publicUrl,
    chainId: place.chainId,
    nonce,
    issuedAt: new Date(nowMs).toISOString(),
    expirationTime: expiresAt,
  });
  await insertChallenge(ctx.db, { nonce, wallet, message, expires_at_ms: nowMs + CHALLENGE_MS }, nowMs);
  return { message, expiresAt };
}

/** Signs a wallet in: the message must be one that was given out, unused, unexpired and signed by its wallet. */
export async function signIn(
  ctx: SignInParts,
  given: { message: string; signature: string },
): Promise<Answer<"signIn">> {
  const nonce = nonceOf(given.message);
  const challenge = nonce === undefined ? undefined : await findChallenge(ctx.db, nonce);
  const nowMs = ctx.clock.now();
  if (challenge === undefined || challenge.expires_at_ms <= nowMs) {
    const detail = "the message was not given out here, was used before, or has expired";
    throw problem("sign-in-expired", { detail, field: "message", next: again });
  }
  const signature = Buffer.from(given.signature, "base64");
  if (challenge.message !== given.message || !isSignedBy(challenge.wallet, given.message, signature)) {
    const detail = `the signature is not that of wallet ${challenge.wallet} over the message as it was given out`;
    throw problem("sign-in-signature-invalid", { detail, field: "signature", next: again });
  }
  const secret = makeSecret(ctx.random);
  const account = await ctx.db.transaction().execute(async (db) => {
    if (!(await useChallenge(db, challenge.nonce))) {
      throw problem("sign-in-expired", {
        detail: "the message was used before",
        field: "message",
        next: again,
      });
    }
    const owner = await accountOf(ctx, db, challenge.wallet);
    await insertAccessKey(db, {
      id: makeId("apiKey", ctx.random.bytes(20)),
      accountId: owner.id,
      secretSha256: hashSecret(secret),
      name: null,
      scopes: scopeSchema.options,
      createdAtMs: nowMs,
      expiresAtMs: nowMs + SIGN_IN_MS,
    });
    return owner;
  });
  return { token: secret, expiresAt: new Date(nowMs + SIGN_IN_MS).toISOString(), account };
}
