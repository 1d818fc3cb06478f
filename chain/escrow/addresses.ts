import { type Address, type Blockhash, getAddressEncoder, getProgramDerivedAddress } from "@solana/kit";
import { findAssociatedTokenPda, TOKEN_PROGRAM_ADDRESS } from "@solana-program/token";
import { findEscrowPda } from "./generated/pdas/escrow.ts";
import { findNetworkPda } from "./generated/pdas/network.ts";
import { findSupplierPda } from "./generated/pdas/supplier.ts";
import { IONET_ESCROW_PROGRAM_ADDRESS } from "./generated/programs/ionetEscrow.ts";

/** The escrow program, the same address on every chain. */
export const ESCROW_PROGRAM: Address = IONET_ESCROW_PROGRAM_ADDRESS;

const UPGRADEABLE_LOADER = "BPFLoaderUpgradeab1e11111111111111111111111" as Address;

/** The account that holds the network's parameters. */
export async function networkAddress(): Promise<Address> {
  return (await findNetworkPda())[0];
}

/** The escrow of an engineer's wallet with this id (a u64 the engineer chooses). */
export async function escrowAddress(engineer: Address, id: bigint): Promise<Address> {
  return (await findEscrowPda({ engineer, id }))[0];
}

/** The account that says that a wallet registered as a supplier. */
export async function supplierAddress(wallet: Address): Promise<Address> {
  return (await findSupplierPda({ wallet }))[0];
}

/** The associated token account of a wallet for an SPL mint. */
export async function tokenAccountOf(wallet: Address, mint: Address): Promise<Address> {
  return (await findAssociatedTokenPda({ owner: wallet, mint, tokenProgram: TOKEN_PROGRAM_ADDRESS }))[0];
}

/** The loader's account that names the escrow program's upgrade authority. */
export async function programDataAddress(): Promise<Address> {
  const seeds = [getAddressEncoder().encode(ESCROW_PROGRAM)];
  return (await getProgramDerivedAddress({ programAddress: UPGRADEABLE_LOADER, seeds }))[0];
}

/** The 32 bytes of a genesis hash, by which a reading names its chain. */
export function chainTag(genesisHash: string): Uint8Array {
  // A hash and an address are written alike: 32 bytes in base 58.
  return new Uint8Array(getAddressEncoder().encode(genesisHash as Address & Blockhash));
}
