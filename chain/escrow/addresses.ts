import type { Address } from "@solana/kit";
import { findEscrowPda } from "./generated/pdas/escrow.ts";
import { findNetworkPda } from "./generated/pdas/network.ts";
import { findSupplierPda } from "./generated/pdas/supplier.ts";
import { IONET_ESCROW_PROGRAM_ADDRESS } from "./generated/programs/ionetEscrow.ts";

/** The escrow program, the same address on every chain. */
export const ESCROW_PROGRAM: Address = IONET_ESCROW_PROGRAM_ADDRESS;

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
