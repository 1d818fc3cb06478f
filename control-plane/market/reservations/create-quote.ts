import type { Share } from "@ionet/placement";
import {
  type Answer,
  type Demand,
  leaseBudget,
  makeId,
  type QuotedLease,
  type RequestId,
  ratePerHour,
  type SolPrice,
  sum,
} from "@ionet/protocol";
import type { Context } from "../../platform/context.ts";
import type { Caller } from "../../platform/http/handlers.ts";
import { listBackfills } from "../../supply/inventory/backfill.ts";
import { longestSeconds } from "../../supply/inventory/hirable.ts";
import type { LiveOffers } from "../../supply/inventory/live-offers.ts";
import { cloudPricesOf } from "../catalogue/cloud-prices.ts";
import { knownGpuModel } from "../search/known-gpu-model.ts";
import { rateIn, termsOf } from "./currency.ts";
import { checkDemand } from "./limits.ts";
import { type Meeting, meetDemand, meetEarly } from "./meet-demand.ts";
import { QUOTE_MS } from "./model.ts";
import type { PaymentTerms } from "./payment-terms.ts";
import { insertQuote } from "./quote-store.ts";

/** What quoting needs of the control plane: the offers besides. */
export type QuoteContext = Pick<Context, "db" | "clock" | "random"> & { offers: LiveOffers };

/**
 * Answers a demand with the cheapest offers that meet it. Holds nothing; stands for 60 s. GPUs that are reserved for a
 * request are left out where they could not be back in time, unless it is asked for that request.
 * Throws `gpu-model-unknown`, `invalid-request`, `supply-insufficient`, `currency-not-offered`, `price-unavailable`.
 */
export async function createQuote(
  ctx: QuoteContext,
  terms: PaymentTerms,
  caller: Pick<Caller, "accountId">,
  asked: Demand,
  requestId: RequestId | null = null,
): Promise<Answer<"createQuote">> {
  const { feeBps } = termsOf(terms, asked);
  const gpuModel = await knownGpuModel(asked.gpuModel, ctx.offers.gpuModels);
  const demand = { ...asked, gpuModel };
  checkDemand(demand);
  const nowMs = ctx.clock.now();
  const backfills = await listBackfills(ctx.db);
  const shares = await sharesFor(ctx.offers, demand, { nowMs, backfills, requestId });
  const solPrice = demand.currency === "SOL" ? await terms.solPrice() : null;
  const leases = shares.map((share) => toLease(ctx, share, demand, { solPrice, nowMs }));
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

/** So many of the cheapest nodes are looked at first, in turn: in a large market most demands need no more. */
const FEW = [500, 5000];

async function sharesFor(offers: LiveOffers, demand: Demand, meeting: Meeting): Promise<Share[]> {
  for (const few of FEW) {
    const cheapest = await offers.cheapest(demand.gpuModel, few);
    if (cheapest === null) break;
    const shares = meetEarly(cheapest, demand, meeting);
    if (shares !== null) return shares;
  }
  const met = meetDemand(await offers.free([demand.gpuModel]), demand, meeting);
  if (met.shares === null) throw met.explain();
  return met.shares;
}

const toLease = (
  ctx: Pick<Context, "random">,
  { offer, gpus }: Share,
  demand: Demand,
  { solPrice, nowMs }: { solPrice: SolPrice | null; nowMs: number },
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
  latestSeconds: longestSeconds(offer, nowMs),
  ...(demand.interruptible === true ? { interruptible: true } : {}),
});
