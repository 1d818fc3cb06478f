import { type Address, getAddressEncoder, getProgramDerivedAddress } from "@solana/kit";
import { ESCROW_PROGRAM } from "../escrow/addresses.ts";

const UPGRADEABLE_LOADER = "BPFLoaderUpgradeab1e11111111111111111111111" as Address;

/** The loader's account that names a program's upgrade authority. */
export async function programDataAddress(program: Address = ESCROW_PROGRAM): Promise<Address> {
  const seeds = [getAddressEncoder().encode(program)];
  return (await getProgramDerivedAddress({ programAddress: UPGRADEABLE_LOADER, seeds }))[0];
}
