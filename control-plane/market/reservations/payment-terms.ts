import type { Currency, SolPrice } from "@ionet/protocol";

/** How one currency is paid, as the Network account on chain says. */
export type CurrencyTerms = {
  mint: string;
  feeBps: number;
  decimals: number;
  /** How long a rate in it holds, in seconds: no lease may be longer. 0: for ever. */
  rateValidSeconds: number;
};

/** What booking has to know of the chain. main.ts reads it from there; tests of the rows need no chain. */
export type PaymentTerms = {
  /** The currencies that this network takes. */
  currencies: Readonly<Partial<Record<Currency, CurrencyTerms>>>;
  /** The oracle's price of SOL now. Throws `price-unavailable`, `chain-unavailable`. */
  solPrice(): Promise<SolPrice>;
  /** What a wallet holds of a mint, in base units; null when it has no token account. Throws `chain-unavailable`. */
  walletBalance(wallet: string, mint: string): Promise<bigint | null>;
  /** The address of an engineer's escrow with this number. */
  escrowAddress(engineer: string, number: bigint): Promise<string>;
};
