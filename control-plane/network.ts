import {
  ChainError,
  ESCROW_PROGRAM,
  escrowAddress,
  isNative,
  type NetworkState,
  walletBalance,
} from "@ionet/chain";
import { currencyDecimals, type Network, problem, RAY_VERSION } from "@ionet/protocol";
import { address } from "@solana/kit";
import type { ReadyChain } from "./chain-ready.ts";
import { type Config, StartProblem } from "./config.ts";
import { readSolPrice } from "./market/oracle/read-sol-price.ts";
import { HOLD_SECONDS } from "./market/reservations/model.ts";
import type { CurrencyTerms, PaymentTerms } from "./market/reservations/payment-terms.ts";
import type { ChainContext } from "./platform/context.ts";

const VERSION = "0.1.0";

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
      decimals === currencyDecimals.USDC && (config.usdcMint === null || mint === config.usdcMint),
  );
  if (found !== undefined) return found;
  throw new StartProblem(
    "config-invalid",
    `the network has no such mint for USDC (IONET_USDC_MINT); it has: ${known}`,
  );
}

/** SOL as the network takes it; null when it does not, or when there is no price to take it at. */
const solOf = (config: Pick<Config, "solPrice">, state: NetworkState) =>
  config.solPrice === null ? null : (state.mints.find(({ mint }) => isNative(mint)) ?? null);

/** What clients have to know before they pay. */
export function describeNetwork(config: Config, { genesisHash, network }: ReadyChain): Network {
  const usdc = usdcOf(config, network);
  const sol = solOf(config, network);
  const price = config.solPrice && { source: config.solPrice.account, simulated: config.solPrice.simulated };
  return {
    version: VERSION,
    chain: { genesisHash, rpcUrl: config.publicRpcUrl, wsUrl: config.publicWsUrl },
    escrowProgram: ESCROW_PROGRAM,
    treasury: network.treasury,
    currencies: [
      { symbol: "USDC", mint: usdc.mint, decimals: usdc.decimals, feeBps: usdc.feeBps, price: null },
      ...(sol
        ? [{ symbol: "SOL" as const, mint: sol.mint, decimals: sol.decimals, feeBps: sol.feeBps, price }]
        : []),
    ],
    rayVersion: RAY_VERSION,
    holdSeconds: HOLD_SECONDS,
    minimumSeconds: network.minimumSeconds,
  };
}

/** What booking has to know of the chain. */
export function paymentTerms(ctx: ChainContext, config: Config, state: NetworkState): PaymentTerms {
  const sol = solOf(config, state);
  const { solPrice } = config;
  return {
    currencies: {
      USDC: termsFrom(usdcOf(config, state)),
      ...(sol ? { SOL: termsFrom(sol) } : {}),
    },
    solPrice: () => {
      if (solPrice === null) throw new Error("no price account of SOL is configured");
      return readSolPrice(ctx, solPrice);
    },
    walletBalance: async (wallet, wanted) => {
      try {
        return await walletBalance(ctx.chain, address(wallet), address(wanted), "confirmed");
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

const termsFrom = ({
  mint,
  feeBps,
  decimals,
  rateValidHours,
}: NetworkState["mints"][number]): CurrencyTerms => ({
  ...{ mint, feeBps, decimals },
  rateValidSeconds: rateValidHours * 3600,
});
