import {
  type Chain,
  type EscrowState,
  isNative,
  type NetworkState,
  readEscrow,
  readNetwork,
} from "@ionet/chain";
import { problem } from "@ionet/protocol";
import type { Address } from "@solana/kit";

/** An escrow that is there. Throws `not-found`. */
export async function requireEscrow(chain: Chain, at: Address): Promise<EscrowState> {
  const escrow = await readEscrow(chain, at, "confirmed");
  if (escrow !== null) return escrow;
  throw problem("not-found", {
    detail: `there is no open escrow at this address on ${chain.url}: it was closed and all of it paid out, or it never was`,
    field: "escrow",
    given: at,
    allowed: "the address of an escrow on this chain",
    next: "check the address and the endpoint; what a closed escrow paid is in its transactions",
  });
}

/** The network's parameters on this chain. Throws `wrong-network` where ionet's escrow program has none. */
export async function requireNetwork(chain: Chain): Promise<NetworkState> {
  const network = await readNetwork(chain, "confirmed");
  if (network !== null) return network;
  throw problem("wrong-network", {
    detail: "ionet's escrow program is not set up on this chain",
    field: "url",
    given: chain.url,
    allowed: "the Solana endpoint of a chain with an ionet network",
    next: "name another endpoint with --url",
  });
}

const SOL_DECIMALS = 9;
const DOLLAR_DECIMALS = 6;

/** An escrow's currency and how many decimals people write it with; a mint that the network has dropped is a dollar's. */
export function currencyIn(
  { mints }: NetworkState,
  { mint }: EscrowState,
): { mint: Address; decimals: number } {
  const listed = mints.find((one) => one.mint === mint)?.decimals;
  return { mint, decimals: listed ?? (isNative(mint) ? SOL_DECIMALS : DOLLAR_DECIMALS) };
}
