import type { MicroUsdPerGpuHour } from "@ionet/protocol";
import {
  type Demand,
  dollarRate,
  lamportRate,
  problem,
  type RatePerHour,
  type SolPrice,
} from "@ionet/protocol";
import type { CurrencyTerms, PaymentTerms } from "./payment-terms.ts";

/** The terms of the currency that is asked for. Throws `currency-not-offered`; `invalid-request` when its rates can't hold so long. */
export function termsOf(
  terms: PaymentTerms,
  { currency, durationSeconds }: Pick<Demand, "currency" | "durationSeconds">,
): CurrencyTerms {
  const offered = Object.keys(terms.currencies).join(", ");
  const found = terms.currencies[currency];
  if (found === undefined) {
    throw problem("currency-not-offered", {
      detail: `this network does not take ${currency}`,
      field: "currency",
      given: currency,
      allowed: offered,
      next: `Ask again with one of these: ${offered}.`,
    });
  }
  const { rateValidSeconds } = found;
  if (rateValidSeconds > 0 && durationSeconds > rateValidSeconds) {
    throw problem("invalid-request", {
      detail: `a rate in ${currency} holds for ${rateValidSeconds / 3600} h of lease time: its price in dollars moves`,
      field: "durationSeconds",
      given: String(durationSeconds),
      allowed: `at most ${rateValidSeconds} in ${currency}`,
      next: "Ask for less time, or pay in USDC.",
    });
  }
  return found;
}

/** A lease's rate in base units of the currency: USDC counts as dollars, lamports come from the price of SOL. */
export const rateIn = (solPrice: SolPrice | null, price: MicroUsdPerGpuHour, gpus: number): RatePerHour =>
  solPrice === null ? dollarRate(price, gpus) : lamportRate(price, gpus, solPrice.microUsdPerSol);
