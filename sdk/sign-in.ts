import type { Answer } from "@ionet/protocol";
import { getBase64Decoder, type MessagePartialSigner } from "@solana/kit";
import type { Ionet } from "./client.ts";
import { type SdkClock, systemClock } from "./clock.ts";
import { requireSignable } from "./sign-in-message.ts";

export type SignedIn = {
  /** The client, now speaking for the signer's account. */
  ionet: Ionet;
  account: Answer<"signIn">["account"];
  expiresAt: string;
};

/**
 * Signs in with a Solana wallet (Sign-In With Solana): the wallet signs the control plane's message; no key leaves it.
 * The message is read first, and signed only when it says no more than that this wallet signs in at this address.
 * Throws `forbidden` when it says anything else, `sign-in-expired`, `sign-in-signature-invalid`, `rate-limited`.
 */
export async function signIn(
  ionet: Ionet,
  signer: MessagePartialSigner,
  options: { clock?: SdkClock } = {},
): Promise<SignedIn> {
  const { clock = systemClock } = options;
  const { chain } = await ionet.getNetwork();
  const { message } = await ionet.createChallenge({ body: { wallet: signer.address } });
  requireSignable(message, {
    url: ionet.url,
    wallet: signer.address,
    genesisHash: chain.genesisHash,
    nowMs: clock.now(),
  });
  const content = new TextEncoder().encode(message);
  const [signatures] = await signer.signMessages([{ content, signatures: {} }]);
  const signature = signatures?.[signer.address];
  if (!signature) throw new Error(`the signer gave no signature of ${signer.address}`);
  const answer = await ionet.signIn({
    body: { message, signature: getBase64Decoder().decode(signature) },
  });
  return { ionet: ionet.withToken(answer.token), account: answer.account, expiresAt: answer.expiresAt };
}
