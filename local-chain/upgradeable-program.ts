import { type Address, address, getAddressEncoder, getProgramDerivedAddress, lamports } from "@solana/kit";
import type { LiteSVM } from "litesvm";

export const UPGRADEABLE_LOADER = address("BPFLoaderUpgradeab1e11111111111111111111111");

/** A program to be there from the start. */
export type ProgramToDeploy = {
  readonly address: Address;
  readonly elf: Uint8Array;
  /** Who may upgrade it; null: nobody, for ever. */
  readonly upgradeAuthority: Address | null;
};

/**
 * Puts a program on chain as the upgradeable loader (v3) leaves it: a program account that names its ProgramData
 * account, and that one with slot, upgrade authority and the ELF.
 *
 * @returns the accounts that it wrote
 * @throws Error when the SVM does not accept the ELF
 */
export async function deployUpgradeable(svm: LiteSVM, program: ProgramToDeploy): Promise<Address[]> {
  const [programData] = await getProgramDerivedAddress({
    programAddress: UPGRADEABLE_LOADER,
    seeds: [getAddressEncoder().encode(program.address)],
  });
  // The program becomes callable one slot after its deployment.
  const deployedSlot = svm.getClock().slot - 1n;
  put(svm, programData, false, programDataBytes(program, deployedSlot));
  put(
    svm,
    program.address,
    true,
    Buffer.concat([u32(2), Buffer.from(getAddressEncoder().encode(programData))]),
  );
  return [programData, program.address];
}

/** UpgradeableLoaderState::ProgramData: tag 3, slot, optional authority (its 32 bytes stay reserved), ELF. */
function programDataBytes({ elf, upgradeAuthority }: ProgramToDeploy, slot: bigint): Uint8Array {
  const header = Buffer.alloc(45);
  header.writeUInt32LE(3, 0);
  header.writeBigUInt64LE(slot, 4);
  if (upgradeAuthority !== null) {
    header[12] = 1;
    header.set(getAddressEncoder().encode(upgradeAuthority), 13);
  }
  return Buffer.concat([header, elf]);
}

function put(svm: LiteSVM, at: Address, executable: boolean, data: Uint8Array): void {
  svm.setAccount({
    address: at,
    data: new Uint8Array(data),
    executable,
    lamports: lamports(svm.minimumBalanceForRentExemption(BigInt(data.length))),
    programAddress: UPGRADEABLE_LOADER,
    space: BigInt(data.length),
  });
}

function u32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
