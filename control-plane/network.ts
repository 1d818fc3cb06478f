import {
  type Chain,
  ChainError,
  ESCROW_PROGRAM,
  escrowAddress,
  type NetworkState,
  tokenBalance,
} from "@ionet/chain";
import { type Network, problem, RAY_VERSION } from "@ionet/protocol";
import { address } from "@solana/kit";
import type { ReadyChain } from "./chain-ready.ts";
import { type Config, StartProblem } from "./config.ts";
import { HOLD_SECONDS } from "./reservations/model.ts";
import type { PaymentTerms } from "./reservations/payment-terms.ts";

const VERSION = "0.1.0";
const USDC_DECIMALS = 6;

/** Which of the network's mints is USDC: the configured one, or on a local network the only one there is. */
export function usdcOf(
  config: Pick<Config, "network" | "usdcMint">,
  state: NetworkState,
): NetworkState["mints"][number] {
  const known = state.mints.map(({ mint }) => mint).join(", ") || "none";
  if (config.usdcMint === null && config.network !== "local") {
    throw new StartProblem("config-invalid", `IONET_USDC_MINT is missing; the network's mints are: ${known}`);
  }
  const found = state.mints.find(
    ({ mint, decimals }) =>
      decimals === USDC_DECIMALS && (config.usdcMint === null || mint === config.usdcMint),
  );
  if (found !== undefined) return found;
  throw new StartProblem(
    "config-invalid",
    `the network has no such mint for USDC (IONET_USDC_MINT); it has: ${known}`,
  );
}

/** What clients have to know before they pay. */
export function describeNetwork(config: Config, { genesisHash, network }: ReadyChain): Network {
  const { mint, decimals, feeBps } = usdcOf(config, network);
  return {
    version: VERSION,
    chain: { genesisHash, rpcUrl: config.rpcUrl, wsUrl: config.wsUrl },
    escrowProgram: ESCROW_PROGRAM,
    treasury: network.treasury,
    currencies: [{ symbol: "USDC", mint, decimals, feeBps }],
    rayVersion: RAY_VERSION,
    holdSeconds: HOLD_SECONDS,
    minimumSeconds: network.minimumSeconds,
  };
}

/** What booking has to know of the chain. */
export function paymentTerms(chain: Chain, config: Config, state: NetworkState): PaymentTerms {
  const { mint, feeBps } = usdcOf(config, state);
  return {
    currencies: { USDC: { mint, feeBps } },
    walletBalance: async (wallet, wanted) => {
      try {
        return await tokenBalance(chain, address(wallet), address(wanted), "confirmed");
      } catch (error) {
        if (!(error instanceof ChainError)) throw error;
        throw problem("chain-unavailable", {
          detail: "the wallet's balance can't be read just now: the Solana endpoint does not answer",
          next: "Try again in a moment; nothing was booked.",
        });
      }
    },
    escrowAddress: (engineer, number) => escrowAddress(address(engineer), number),
  };
}
