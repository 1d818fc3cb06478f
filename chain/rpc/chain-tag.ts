import { type Address, type Blockhash, getAddressEncoder } from "@solana/kit";

/** The 32 bytes of a genesis hash, by which a reading names its chain. */
export function chainTag(genesisHash: string): Uint8Array {
  // A hash and an address are written alike: 32 bytes in base 58.
  return new Uint8Array(getAddressEncoder().encode(genesisHash as Address & Blockhash));
}
