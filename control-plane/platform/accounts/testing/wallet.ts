import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { getAddressDecoder } from "@solana/kit";
import type { Context } from "../../context.ts";
import type { Caller } from "../../http/handlers.ts";
import { authenticateBearer } from "../authenticate.ts";
import { createChallenge, type SignInPlace, signIn } from "../sign-in.ts";

/** A wallet of a test, with its key at hand. */
export type TestWallet = { address: string; sign(text: string): string; key: KeyObject };

export const testPlace: SignInPlace = { publicUrl: "http://127.0.0.1:8080", chainId: "localnet" };

export function makeTestWallet(): TestWallet {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const raw = Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url");
  return {
    address: getAddressDecoder().decode(raw),
    key: privateKey,
    sign: (text) => sign(null, Buffer.from(text), privateKey).toString("base64"),
  };
}

/** Signs a new wallet in, as any client does. */
export async function signInTestWallet(
  ctx: Pick<Context, "db" | "clock" | "random">,
): Promise<{ wallet: TestWallet; token: string; caller: Caller }> {
  const wallet = makeTestWallet();
  const { message } = await createChallenge(ctx, testPlace, wallet.address);
  const { token } = await signIn(ctx, { message, signature: wallet.sign(message) });
  const caller = await authenticateBearer(ctx, token);
  if (caller === null) throw new Error("signed in, but not known");
  return { wallet, token, caller };
}
