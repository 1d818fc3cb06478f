import type { Address, Commitment } from "@solana/kit";
import { readAccount } from "./account-bytes.ts";
import { ESCROW_PROGRAM, networkAddress } from "./addresses.ts";
import type { Chain } from "./connect.ts";
import { getNetworkDecoder } from "./generated/escrow/accounts/network.ts";

/** The network's parameters, as the chain has them. */
export type NetworkState = {
  address: Address;
  /** No new escrows; payouts and refunds go on. */
  paused: boolean;
  authority: Address;
  guardian: Address;
  /** The wallet that the fee is paid to. */
  treasury: Address;
  /** The genesis hash of the chain this network says it is on, 32 bytes. */
  chainTag: Uint8Array;
  minimumSeconds: number;
  releaseAfterSeconds: number;
  meters: Address[];
  mints: { mint: Address; feeBps: number; decimals: number }[];
};

const VERSION = 1;
const KIND = 1;

/** Reads the bytes of a network account. Throws when they are another version's. */
export function decodeNetwork(address: Address, data: Uint8Array): NetworkState {
  const account = getNetworkDecoder().decode(data);
  if (account.version !== VERSION || account.kind !== KIND) {
    throw new Error(`${address} is no network account of version ${VERSION}: update this program`);
  }
  return {
    address,
    paused: account.paused !== 0,
    authority: account.authority,
    guardian: account.guardian,
    treasury: account.treasury,
    chainTag: new Uint8Array(account.chainTag),
    minimumSeconds: account.minimumSeconds,
    releaseAfterSeconds: account.releaseAfterSeconds,
    meters: account.meters.slice(0, account.meterCount),
    mints: account.mints
      .slice(0, account.mintCount)
      .map(({ mint, feeBps, decimals }) => ({ mint, feeBps, decimals })),
  };
}

/** The network's parameters, or null when the network is not initialised. Throws ChainErrors. */
export async function readNetwork(chain: Chain, commitment: Commitment): Promise<NetworkState | null> {
  const address = await networkAddress();
  const account = await readAccount(chain, address, commitment);
  return account?.owner === ESCROW_PROGRAM ? decodeNetwork(address, account.data) : null;
}
