import { access, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createKeypairFile, readKeypairFile } from "@ionet/chain/node";
import type { KeyPairSigner } from "@solana/kit";

export type NetworkKeys = {
  /** Who may upgrade the escrow program, and so initialises the network. */
  authority: KeyPairSigner;
  /** May only revoke a meter key or pause new escrows. */
  guardian: KeyPairSigner;
  /** Signs readings. */
  meter: KeyPairSigner;
  /** Pays for the control plane's transactions. */
  payer: KeyPairSigner;
  /** Where the fee goes. */
  treasury: KeyPairSigner;
};

export const keyFile = (stateFolder: string, name: string): string =>
  join(stateFolder, "keys", `${name}.json`);

/** The keypair of that name in the state folder, made when it is not there yet. */
export async function openKey(stateFolder: string, name: string): Promise<KeyPairSigner> {
  await mkdir(join(stateFolder, "keys"), { recursive: true, mode: 0o700 });
  const file = keyFile(stateFolder, name);
  const there = await access(file).then(
    () => true,
    () => false,
  );
  return there ? readKeypairFile(file) : createKeypairFile(file);
}

/** All keys of the network itself. */
export async function openNetworkKeys(stateFolder: string): Promise<NetworkKeys> {
  const open = (name: string) => openKey(stateFolder, name);
  return {
    authority: await open("authority"),
    guardian: await open("guardian"),
    meter: await open("meter"),
    payer: await open("payer"),
    treasury: await open("treasury"),
  };
}
