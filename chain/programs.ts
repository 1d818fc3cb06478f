import type { Address } from "@solana/kit";
import { escrowErrors } from "./escrow/generated/errors/table.ts";
import { IONET_ESCROW_PROGRAM_ADDRESS } from "./escrow/generated/programs/ionetEscrow.ts";

/** One of the network's programs: its folder in `programs/`, its address on every chain, its refusals by code. */
export type Program = {
  name: string;
  address: Address;
  errors: Readonly<Record<number, { name: string; message: string }>>;
};

export const programs: readonly Program[] = [
  { name: "escrow", address: IONET_ESCROW_PROGRAM_ADDRESS, errors: escrowErrors },
];
