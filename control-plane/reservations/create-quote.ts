import {
  type Answer,
  type Demand,
  leaseBudget,
  makeId,
  type QuotedLease,
  ratePerHour,
  type SolPrice,
  sum,
} from "@ionet/protocol";
import { cloudPricesOf } from "../catalogue/cloud-prices.ts";
import type { Context } from "../context.ts";
import type { Caller } from "../http/handlers.ts";
import { hirableFor } from "../inventory/hirable.ts";
import { type FreeOffer, listFreeOffers } from "../inventory/list-offers.ts";
import { knownGpuModel } from "../search/known-gpu-model.ts";
import { choose, type Share } from "./choose.ts";
import { rateIn, termsOf } from "./currency.ts";
import { explainShortage } from "./explain-shortage.ts";
import { checkBudget, checkDemand } from "./limits.ts";
import { QUOTE_MS } from "./model.ts";
import type { PaymentTerms } from "./payment-terms.ts";
import { insertQuote } from "./quote-store.ts";

/**
 * Answers a demand with the cheapest offers that meet it. Holds nothing; stands for 60 s.
 * Throws `gpu-model-unknown`, `invalid-request`, `supply-insufficient`, `currency-not-offered`, `price-unavailable`.
 */
export async function createQuote(
  ctx: Pick<Context, "db" | "clock" | "random">,
  terms: PaymentTerms,
  caller: Caller,
  asked: Demand,
): Promise<Answer<"createQuote">> {
  const { feeBps } = termsOf(terms, asked);
  const offers = await listFreeOffers(ctx);
  const gpuModel = knownGpuModel(
    asked.gpuModel,
    offers.map((offer) => offer.gpuModel),
  );
  const demand = { ...asked, gpuModel };
  checkDemand(demand);
  const nowMs = ctx.clock.now();
  const priced = demand.interruptible === true ? offers.flatMap(interruptibly) : offers;
  const hirable = priced.filter(
    (offer) => hirableFor(offer, demand.durationSeconds, nowMs) && offer.currencies.includes(demand.currency),
  );
  const shares = choose(hirable, demand);
  if (shares === null) throw explainShortage(hirable, demand, priced);
  checkBudget(shares, demand);

  const solPrice = demand.currency === "SOL" ? await terms.solPrice() : null;
  const leases = shares.map((share) => toLease(ctx, share, demand, solPrice));
  const quote = {
    id: makeId("quote", ctx.random.bytes(20)),
    demand,
    leases,
    feeBps,
    solPrice,
    deposit: sum(leases.map((lease) => leaseBudget(lease.ratePerHour, lease.maxSeconds))),
  };
  await insertQuote(ctx.db, { ...quote, accountId: caller.accountId, expiresAtMs: nowMs + QUOTE_MS }, nowMs);
  return {
    ...quote,
    ratePerHour: ratePerHour(leases.reduce((total, lease) => total + lease.ratePerHour, 0n)),
    clouds: cloudPricesOf(gpuModel),
    expiresAt: new Date(nowMs + QUOTE_MS).toISOString(),
  };
}

/** An offer at its interruptible price, where it has one. */
const interruptibly = (offer: FreeOffer): FreeOffer[] =>
  offer.interruptiblePriceMicroUsdPerGpuHour === null
    ? []
    : [{ ...offer, priceMicroUsdPerGpuHour: offer.interruptiblePriceMicroUsdPerGpuHour }];

const toLease = (
  ctx: Pick<Context, "random">,
  { offer, gpus }: Share,
  demand: Demand,
  solPrice: SolPrice | null,
): QuotedLease => ({
  leaseId: makeId("lease", ctx.random.bytes(20)),
  nodeId: offer.nodeId,
  supplier: offer.supplier,
  supplierKind: offer.supplierKind,
  country: offer.country,
  gpuModel: offer.gpuModel,
  gpus,
  simulated: offer.simulated,
  priceMicroUsdPerGpuHour: offer.priceMicroUsdPerGpuHour,
  ratePerHour: rateIn(solPrice, offer.priceMicroUsdPerGpuHour, gpus.length),
  maxSeconds: demand.durationSeconds,
  ...(demand.interruptible === true ? { interruptible: true } : {}),
});
