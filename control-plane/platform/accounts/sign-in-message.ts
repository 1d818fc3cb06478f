import { createPublicKey, verify } from "node:crypto";
import { address, getAddressEncoder } from "@solana/kit";

/** What a wallet signs to sign in. Times are ISO 8601. */
export type SignInMessage = {
  domain: string;
  address: string;
  statement: string;
  uri: string;
  chainId: string;
  nonce: string;
  issuedAt: string;
  expirationTime: string;
};

/** The text of a Sign-In With Solana message: the ABNF of the standard (phantom/sign-in-with-solana, "Message construction"). */
export const signInText = (message: SignInMessage): string =>
  [
    `${message.domain} wants you to sign in with your Solana account:`,
    message.address,
    "",
    message.statement,
    "",
    `URI: ${message.uri}`,
    "Version: 1",
    `Chain ID: ${message.chainId}`,
    `Nonce: ${message.nonce}`,
    `Issued At: ${message.issuedAt}`,
    `Expiration Time: ${message.expirationTime}`,
  ].join("\n");

/** The nonce in a signed message; undefined when it has none. */
export const nonceOf = (text: string): string | undefined => /^Nonce: ([A-Za-z0-9]{8,64})$/m.exec(text)?.[1];

/** Whether `text` is the address of 32 bytes; the schema alone lets some through that are not. */
export function isAddress(text: string): boolean {
  try {
    address(text);
    return true;
  } catch {
    return false;
  }
}

/** Whether `signature` is the Ed25519 signature of this wallet over the message's UTF-8 bytes. */
export function isSignedBy(wallet: string, text: string, signature: Uint8Array): boolean {
  // The fixed head of an Ed25519 public key in SubjectPublicKeyInfo (RFC 8410).
  const head = Buffer.from("302a300506032b6570032100", "hex");
  const der = Buffer.concat([head, Buffer.from(getAddressEncoder().encode(address(wallet)))]);
  const publicKey = createPublicKey({ key: der, format: "der", type: "spki" });
  return verify(null, Buffer.from(text, "utf8"), publicKey, signature);
}
