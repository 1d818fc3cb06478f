import type { FreeOffer } from "@ionet/placement";
import {
  type Demand,
  formatUnits,
  type MicroUsdPerGpuHour,
  type Problem,
  problem,
  type SolPrice,
} from "@ionet/protocol";
import { rateIn, termsOf } from "../reservations/currency.ts";
import type { PaymentTerms } from "../reservations/payment-terms.ts";
import { fits, priceFor } from "./fitting.ts";

/**
 * Whether a wallet shows an hour's price of a demand, as a booking of it will ask; else the problem that it does not.
 * `offers`: all that there are of its model. Throws `chain-unavailable`, `price-unavailable`.
 */
export async function checkFunds(
  terms: PaymentTerms,
  wallet: string,
  demand: Demand,
  offers: readonly FreeOffer[],
): Promise<Problem | null> {
  const { currency } = demand;
  const { mint, decimals } = termsOf(terms, demand);
  const solPrice = currency === "SOL" ? await terms.solPrice() : null;
  const needed = hourPrice(demand, offers, solPrice);
  const balance = (await terms.walletBalance(wallet, mint)) ?? 0n;
  if (balance >= needed) return null;
  const amount = (units: bigint) => `${formatUnits(units, decimals)} ${currency}`;
  return problem("wallet-cannot-pay", {
    detail: `wallet ${wallet} does not show an hour's price in ${currency}`,
    given: `${amount(balance)} (mint ${mint})`,
    allowed: `at least ${amount(needed)}: an hour of ${demand.gpuCount} × ${demand.gpuModel}`,
    next: `Send ${currency} to the wallet. Is it the right network, and the right mint?`,
  });
}

/**
 * What an hour of a demand costs at least, in base units of its currency: by the cheapest offers that fit it, whoever has
 * them now. GPUs that nobody offers so cost what it would pay at most, else as much as the dearest of the others.
 */
export function hourPrice(demand: Demand, offers: readonly FreeOffer[], solPrice: SolPrice | null): bigint {
  const cheapestFirst = offers
    .filter((offer) => fits(offer, demand))
    .map((offer) => ({ gpus: offer.freeGpus.length, price: priceFor(offer, demand) }))
    .sort((a, b) => (a.price < b.price ? -1 : 1));
  let left = demand.gpuCount;
  let total = 0n;
  let dearest: MicroUsdPerGpuHour | undefined;
  for (const { gpus, price } of cheapestFirst) {
    if (left === 0) break;
    const taken = Math.min(left, gpus);
    total += rateIn(solPrice, price, taken);
    left -= taken;
    dearest = price;
  }
  const rest = demand.maxPriceMicroUsdPerGpuHour ?? dearest;
  return left === 0 || rest === undefined ? total : total + rateIn(solPrice, rest, left);
}
