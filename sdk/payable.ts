import { type Chain, connectChain, ESCROW_PROGRAM, genesisHash, isNative, walletBalance } from "@ionet/chain";
import {
  type BaseUnits,
  formatUnits,
  MAX_LEASES_OF_ESCROW,
  type Network,
  problem,
  type Quote,
} from "@ionet/protocol";
import { type Address, address } from "@solana/kit";
import type { Ionet } from "./client.ts";
import { lamportsBeside } from "./opening-cost.ts";

export type PayingNetwork = { network: Network; chain: Chain };

/**
 * That this wallet could pay the quote as it stands: the checks of `openEscrows` that need no reservation. A booking that
 * can't be funded keeps its GPUs from others until the hold ends, and too many of them pause the wallet's bookings.
 * Throws `wrong-network`, `wallet-cannot-pay`, `chain-unavailable`, or the chain's own error.
 */
export async function requirePayable(
  ionet: Ionet,
  wallet: Address,
  { demand, deposit, leases }: Quote,
  options: { chain?: Chain; leasesPerEscrow?: number } = {},
): Promise<void> {
  const { network, chain } = await payingNetwork(ionet, options.chain);
  const mint = network.currencies.find(({ symbol }) => symbol === demand.currency)?.mint;
  if (mint === undefined) throw otherToken("currency", demand.currency, network);
  await requireBalance({ network, chain }, wallet, {
    ...{ mint, deposit, leases: leases.length },
    escrows: Math.ceil(leases.length / (options.leasesPerEscrow ?? MAX_LEASES_OF_ESCROW)),
  });
}

/** The network that escrows are paid on, when both sides mean the same one. `own`: the engineer's own endpoint. Throws `wrong-network`. */
export async function payingNetwork(ionet: Ionet, own?: Chain): Promise<PayingNetwork> {
  const network = await ionet.getNetwork();
  const chain = own ?? connectChain({ url: network.chain.rpcUrl, wsUrl: network.chain.wsUrl });
  await requireSameNetwork(chain, network);
  if (network.escrowProgram === ESCROW_PROGRAM) return { network, chain };
  throw problem("wrong-network", {
    detail: "the control plane pays through another escrow program than this version of ionet",
    field: "escrowProgram",
    given: network.escrowProgram,
    allowed: ESCROW_PROGRAM,
    next: "use the version of ionet that fits this control plane",
  });
}

/** The token has to be one that this network takes. Throws `wrong-network`. */
export function requireTaken(network: Network, mint: string): void {
  if (network.currencies.some((currency) => currency.mint === mint)) return;
  throw otherToken("mint", mint, network);
}

/** What escrows of one currency need of a wallet. */
export type Need = { mint: string; deposit: BaseUnits; escrows: number; leases: number };

/**
 * The wallet has to hold the deposits (base units), confirmed; in SOL also the escrows' rent, which returns, the fees, and
 * what no wallet may fall below. Throws `wallet-cannot-pay`.
 */
export async function requireBalance(
  { network, chain }: PayingNetwork,
  wallet: Address,
  { mint, deposit, escrows, leases }: Need,
): Promise<void> {
  const there = (await walletBalance(chain, wallet, address(mint), "confirmed")) ?? 0n;
  const currency = network.currencies.find((one) => one.mint === mint);
  const text = (amount: bigint) =>
    `${formatUnits(amount, currency?.decimals ?? 6)} ${currency?.symbol ?? ""}`;
  const beside = isNative(address(mint)) ? await lamportsBeside(chain, { escrows, leases }) : null;
  const needed = deposit + (beside === null ? 0n : beside.rent + beside.fees + beside.kept);
  if (there >= needed) return;
  const why =
    beside === null
      ? ""
      : ` (${text(deposit)} deposit, ${text(beside.rent)} rent, which returns, ${text(beside.fees)} fee, and ${text(beside.kept)} that a wallet must keep)`;
  throw problem("wallet-cannot-pay", {
    detail: `the escrow needs ${text(needed)}${why} and the wallet holds ${text(there)}; nothing was sent`,
    field: "deposit",
    given: text(there),
    allowed: `at least ${text(needed)}`,
    next: `send ${text(needed - there)} more to ${wallet} and try again, or book less time or fewer GPUs`,
  });
}

async function requireSameNetwork(chain: Chain, network: Network): Promise<void> {
  const own = await genesisHash(chain);
  if (own === network.chain.genesisHash) return;
  throw problem("wrong-network", {
    detail: "your Solana endpoint and the control plane are on different networks; nothing was sent",
    field: "rpcUrl",
    given: `${chain.url} (genesis ${own})`,
    allowed: `a network with genesis ${network.chain.genesisHash}, like ${network.chain.rpcUrl}`,
    next: "point --rpc at the control plane's network, or use the control plane of yours",
  });
}

const otherToken = (field: "mint" | "currency", given: string, network: Network) =>
  problem("wrong-network", {
    detail: "the escrow would hold a token that this network does not take",
    field,
    given,
    allowed: network.currencies.map((currency) => `${currency.symbol} ${currency.mint}`).join(", "),
    next: "ask for a new quote and book again",
  });
