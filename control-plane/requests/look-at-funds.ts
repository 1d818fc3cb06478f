import { Problem } from "@ionet/protocol";
import { checkFunds } from "./funds.ts";
import { FUNDS_SEEN_MS, LOOK_AT_FUNDS_MS, LOOKED_AT_ONCE, type RequestRecord } from "./model.ts";
import type { RequestContext } from "./reconcile.ts";
import { refuse } from "./refuse.ts";
import { noteFunds } from "./store.ts";
import type { Supply } from "./supply.ts";

/**
 * Looks whether the wallets of those that wait still show an hour's price: a few in a round, the longest unseen first.
 * Whose does not stands back. Answers the requests as they are now.
 */
export async function lookAtFunds(
  ctx: RequestContext,
  waiting: readonly RequestRecord[],
  supply: Supply,
): Promise<RequestRecord[]> {
  const nowMs = ctx.clock.now();
  const due = waiting
    .filter(
      ({ tryAfterMs, fundsSeenAtMs }) =>
        tryAfterMs <= nowMs && (fundsSeenAtMs ?? 0) <= nowMs - LOOK_AT_FUNDS_MS,
    )
    .sort((a, b) => (a.fundsSeenAtMs ?? 0) - (b.fundsSeenAtMs ?? 0))
    .slice(0, LOOKED_AT_ONCE);
  const now = new Map(waiting.map((request) => [request.id, request]));
  for (const request of due) {
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
