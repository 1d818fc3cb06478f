import type { Currency } from "@ionet/protocol";

/** What booking has to know of the chain. main.ts reads it from there; tests of the rows need no chain. */
export type PaymentTerms = {
  /** The mint and the fee of each currency, as the Network account on chain says. */
  currencies: Readonly<Record<Currency, { mint: string; feeBps: number }>>;
  /** What a wallet holds of a mint, in base units; null when it has no token account. Throws `chain-unavailable`. */
  walletBalance(wallet: string, mint: string): Promise<bigint | null>;
  /** The address of an engineer's escrow with this number. */
  escrowAddress(engineer: string, number: bigint): Promise<string>;
};
