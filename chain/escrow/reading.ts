import { encodeReading, type ReadingLease } from "@ionet/protocol";
import { getAddressEncoder, type KeyPairSigner, signBytes } from "@solana/kit";
import { chainTag } from "../rpc/chain-tag.ts";
import { ESCROW_PROGRAM, networkAddress } from "./addresses.ts";
import type { EscrowState } from "./escrow-state.ts";

/**
 * The bytes of a reading for an escrow: cumulative delivered seconds by the leases' positions, rising. A final
 * reading names every lease. Throws a RangeError when a value does not fit.
 */
export async function readingBytes(terms: {
  escrow: Pick<EscrowState, "address" | "openedSlot">;
  genesisHash: string;
  final: boolean;
  leases: readonly ReadingLease[];
}): Promise<Uint8Array> {
  const { encode } = getAddressEncoder();
  return encodeReading({
    program: new Uint8Array(encode(ESCROW_PROGRAM)),
    network: new Uint8Array(encode(await networkAddress())),
    chainTag: chainTag(terms.genesisHash),
    escrow: new Uint8Array(encode(terms.escrow.address)),
    openedSlot: terms.escrow.openedSlot,
    final: terms.final,
    leases: terms.leases,
  });
}

/** A meter's Ed25519 signature over a reading's bytes, 64 bytes. */
export async function signReading(meter: KeyPairSigner, reading: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await signBytes(meter.keyPair.privateKey, reading));
}
