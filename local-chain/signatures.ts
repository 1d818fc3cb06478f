import { createPublicKey, verify } from "node:crypto";
import { type Address, getAddressEncoder } from "@solana/kit";
import type { WireTransaction } from "./wire-transaction.ts";

/** The Ed25519 public key in DER is this prefix and the 32 bytes (RFC 8410). */
const DER_PREFIX = Buffer.from("302a300506032b6570032100", "hex");

/** Whether every required signer has signed exactly this message. */
export function isSignedByAll(wire: WireTransaction): boolean {
  const required = wire.staticAccounts.slice(0, wire.header.numSignerAccounts);
  return required.every((signer) => {
    const signature = wire.transaction.signatures[signer];
    return (
      !!signature &&
      verify(null, Buffer.from(wire.transaction.messageBytes), publicKey(signer), Buffer.from(signature))
    );
  });
}

function publicKey(signer: Address) {
  const key = Buffer.concat([DER_PREFIX, Buffer.from(getAddressEncoder().encode(signer))]);
  return createPublicKey({ key, format: "der", type: "spki" });
}
