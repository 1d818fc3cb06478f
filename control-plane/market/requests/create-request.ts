import { type Answer, type Call, MAX_WAIT_SECONDS, makeId, problem } from "@ionet/protocol";
import type { Context } from "../../platform/context.ts";
import type { Caller } from "../../platform/http/handlers.ts";
import type { LiveOffers } from "../../supply/inventory/live-offers.ts";
import { termsOf } from "../reservations/currency.ts";
import { checkDemand } from "../reservations/limits.ts";
import type { PaymentTerms } from "../reservations/payment-terms.ts";
import { knownGpuModel } from "../search/known-gpu-model.ts";
import { checkFunds } from "./funds.ts";
import { MAX_OPEN_REQUESTS, type RequestRecord } from "./model.ts";
import { insertRequest } from "./store.ts";
import { toView } from "./view.ts";

/**
 * Lets a demand wait. It is booked as soon as supply fits, at once if it does already.
 * Its wallet has to show an hour's price, as it has to
 * when it is booked: who could not pay keeps nobody waiting. Throws `invalid-request`, `gpu-model-unknown`,
 * `currency-not-offered`, `wallet-cannot-pay`, `too-many-waiting`, `chain-unavailable`, `price-unavailable`; then nothing
 * is written.
 */
export async function createRequest(
  ctx: Pick<Context, "db" | "clock" | "random" | "wake"> & { offers: LiveOffers },
  terms: PaymentTerms,
  caller: Pick<Caller, "accountId" | "wallet">,
  { waitUntil, leasesPerEscrow, ...asked }: Call<"createRequest">["body"],
): Promise<Answer<"createRequest">> {
  const nowMs = ctx.clock.now();
  const waitUntilMs = Date.parse(waitUntil);
  checkWait(waitUntil, nowMs);
  termsOf(terms, asked);
  checkDemand(asked);
  const gpuModel = await knownGpuModel(asked.gpuModel, ctx.offers.gpuModels);
  const demand = { ...asked, gpuModel };
  const offers = (await ctx.offers.whole()).filter((offer) => offer.gpuModel === gpuModel);
  const cannotPay = await checkFunds(terms, caller.wallet, demand, offers);
  if (cannotPay !== null) throw cannotPay;
  const record: RequestRecord = {
    id: makeId("request", ctx.random.bytes(20)),
    accountId: caller.accountId,
    wallet: caller.wallet,
    demand,
    leasesPerEscrow,
    waitUntilMs,
    state: "waiting",
    reason: null,
    createdAtMs: nowMs,
    queuedAtMs: nowMs,
    lapses: 0,
    quoteId: null,
    reservationId: null,
    tryAfterMs: 0,
    refusals: 0,
    fundsSeenAtMs: nowMs,
    told: { atMs: null, position: null, waitsFor: null, earliestMs: null },
  };
  if (!(await insertRequest(ctx.db, record, MAX_OPEN_REQUESTS))) throw tooMany();
  ctx.wake("requests");
  return toView(record);
}

/** Throws `invalid-request` for a time that is over, or too far away. */
function checkWait(waitUntil: string, nowMs: number): void {
  const waitMs = Date.parse(waitUntil) - nowMs;
  if (waitMs > 0 && waitMs <= MAX_WAIT_SECONDS * 1000) return;
  const lastMs = nowMs + MAX_WAIT_SECONDS * 1000;
  throw problem("invalid-request", {
    detail: waitMs > 0 ? "the request would wait longer than 30 days" : "the time to wait until is over",
    field: "waitUntil",
    given: waitUntil,
    allowed: `a time after ${new Date(nowMs).toISOString()}, up to ${new Date(lastMs).toISOString()}`,
    next: "Give a time within the next 30 days.",
  });
}

const tooMany = () =>
  problem("too-many-waiting", {
    detail: `this account has ${MAX_OPEN_REQUESTS} requests that wait or are held`,
    allowed: `at most ${MAX_OPEN_REQUESTS}`,
    next: "Cancel one (DELETE /v1/requests/{requestId}), or ask for more GPUs in one request.",
  });
