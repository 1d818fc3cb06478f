import type { Address, Commitment } from "@solana/kit";
import { ESCROW_PROGRAM, networkAddress } from "../escrow/addresses.ts";
import { getNetworkDecoder } from "../escrow/generated/accounts/network.ts";
import type { NetworkParameters as Encoded } from "../escrow/generated/types/networkParameters.ts";
import { readAccount } from "../rpc/account-bytes.ts";
import type { Chain } from "../rpc/connect.ts";

/** The network's parameters, as the chain has them. */
export type NetworkState = {
  address: Address;
  /** No new escrows; payouts and refunds go on. */
  paused: boolean;
  /** What comes into force 48 hours after it was proposed; null when nothing waits. */
  proposed: { at: number; parameters: NetworkParameters } | null;
  /** The genesis hash of the chain this network says it is on, 32 bytes. */
  chainTag: Uint8Array;
} & NetworkParameters;

/** What the network's authority may change, after a wait. */
export type NetworkParameters = {
  authority: Address;
  guardian: Address;
  /** The wallet that the fee is paid to. */
  treasury: Address;
  minimumSeconds: number;
  releaseAfterSeconds: number;
  meters: Address[];
  /** `rateValidHours`: how long after an escrow's opening a rate in this currency holds; 0: for ever. */
  mints: { mint: Address; feeBps: number; decimals: number; rateValidHours: number }[];
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
    chainTag: new Uint8Array(account.chainTag),
    proposed:
      account.proposedAt === 0n
        ? null
        : { at: Number(account.proposedAt), parameters: parametersOf(account.proposed) },
    ...parametersOf(account.parameters),
  };
}

function parametersOf(given: Encoded): NetworkParameters {
  const { authority, guardian, treasury, minimumSeconds, releaseAfterSeconds } = given;
  return {
    ...{ authority, guardian, treasury, minimumSeconds, releaseAfterSeconds },
    meters: given.meters.slice(0, given.meterCount),
    mints: given.mints
      .slice(0, given.mintCount)
      .map(({ mint, feeBps, decimals, rateValidHours }) => ({ mint, feeBps, decimals, rateValidHours })),
  };
}

/** The network's parameters, or null when the network is not initialised. Throws ChainErrors. */
export async function readNetwork(chain: Chain, commitment: Commitment): Promise<NetworkState | null> {
  const address = await networkAddress();
  const account = await readAccount(chain, address, commitment);
  return account?.owner === ESCROW_PROGRAM ? decodeNetwork(address, account.data) : null;
}
