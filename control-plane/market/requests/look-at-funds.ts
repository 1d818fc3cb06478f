import { Problem, type RequestId } from "@ionet/protocol";
import { checkFunds } from "./funds.ts";
import { backoffMs, FUNDS_SEEN_MS, LOOK_AT_FUNDS_MS, LOOKED_AT_ONCE, type RequestRecord } from "./model.ts";
import { refuse } from "./refuse.ts";
import type { RequestContext } from "./request-context.ts";
import { noteFunds } from "./store.ts";
import type { SupplyForecast } from "./supply-forecast.ts";

/**
 * Whose wallets are looked at in this round: whoever holds a backfill reservation first, so that it lapses for nobody's sake however
 * many wait; then the others, who was looked at longest ago first.
 */
export function whoseFunds(
  waiting: readonly RequestRecord[],
  reservedFor: ReadonlySet<RequestId>,
  nowMs: number,
): RequestRecord[] {
  const behind = ({ id }: RequestRecord) => (reservedFor.has(id) ? 0 : 1);
  return waiting
    .filter(
      ({ tryAfterMs, fundsSeenAtMs }) =>
        tryAfterMs <= nowMs && (fundsSeenAtMs ?? 0) <= nowMs - LOOK_AT_FUNDS_MS,
    )
    .sort((a, b) => behind(a) - behind(b) || lookedAtMs(a) - lookedAtMs(b))
    .slice(0, LOOKED_AT_ONCE);
}

/** When a wallet was last looked at: what it showed counts from then, or it was refused and stood back from then on. */
const lookedAtMs = ({ fundsSeenAtMs, tryAfterMs, refusals }: RequestRecord): number =>
  fundsSeenAtMs ?? tryAfterMs - backoffMs(refusals);

/**
 * Looks whether the wallets of those that wait still show an hour's price, a few in a round. Whose does not stands back.
 * Answers the requests as they are now.
 */
export async function lookAtFunds(
  ctx: RequestContext,
  waiting: readonly RequestRecord[],
  supply: SupplyForecast,
  reservedFor: ReadonlySet<RequestId>,
): Promise<RequestRecord[]> {
  const nowMs = ctx.clock.now();
  const now = new Map(waiting.map((request) => [request.id, request]));
  for (const request of whoseFunds(waiting, reservedFor, nowMs)) {
    const { id, wallet, demand } = request;
    const offers = supply.flatMap(({ offer }) => (offer.gpuModel === demand.gpuModel ? offer : []));
    try {
      const problem = await checkFunds(ctx.terms, wallet, demand, offers);
      if (problem === null) await noteFunds(ctx.db, id, nowMs);
      now.set(
        id,
        problem === null ? { ...request, fundsSeenAtMs: nowMs } : await refuse(ctx, request, problem),
      );
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      // The chain does not answer: what was seen counts a while longer, and the next round asks again.
      ctx.log.warn(
        { code: error.code, forgottenMs: FUNDS_SEEN_MS },
        "wallets that wait could not be looked at",
      );
      break;
    }
  }
  return [...now.values()];
}
