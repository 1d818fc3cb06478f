import { isNative } from "@ionet/chain";
import { formatUnits } from "@ionet/protocol";
import type { Address } from "@solana/kit";
import { short } from "./table.ts";

const SOL_DECIMALS = 9;
/** By their mints: mainnet's, devnet's, the local network's test dollars. A mint that is none of these is shown itself. */
const USDC: ReadonlyMap<string, string> = new Map([
  ["EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v", "USDC"],
  ["4zMMC9srt5Ri5X14GAgXhaHii3GnPAERYPJgZJDncDU", "devnet USDC"],
  ["USDCtestmint1111111111111111111111111111111", "test USDC"],
]);

/** An amount as the chain alone tells of it: the mint says the currency. */
export function chainAmount(amount: bigint, { mint, decimals }: { mint: Address; decimals: number }): string {
  const symbol = isNative(mint) ? "SOL" : (USDC.get(mint) ?? `of mint ${short(mint)}`);
  return `${formatUnits(amount, decimals)} ${symbol}`;
}

export const solText = (lamports: bigint): string => `${formatUnits(lamports, SOL_DECIMALS)} SOL`;
