import type { Problem, ProblemCode } from "@ionet/protocol";
import { backoffMs, type RequestRecord } from "./model.ts";
import type { RequestContext } from "./request-context.ts";
import { backOff, tell } from "./store.ts";

/** Not the wallet's fault: who stands back for these has shown what it has all the same. */
const UNANSWERED: ReadonlySet<ProblemCode> = new Set(["chain-unavailable", "price-unavailable"]);

/** A request was refused for its wallet's sake: it stands back, longer each time, and is told why. */
export async function refuse(
  ctx: Pick<RequestContext, "db" | "clock" | "log" | "requestChanged">,
  request: RequestRecord,
  { code, input }: Problem,
): Promise<RequestRecord> {
  const { id, told } = request;
  const nowMs = ctx.clock.now();
  const isOfWallet = !UNANSWERED.has(code);
  const refusals = request.refusals + (isOfWallet ? 1 : 0);
  const fundsSeenAtMs = isOfWallet ? null : request.fundsSeenAtMs;
  const tryAfterMs = nowMs + backoffMs(refusals);
  ctx.log.info({ request: id, code, refusals }, "a waiting request was refused; it stands back");
  const now = {
    position: told.position,
    waitsFor: { detail: `${input.detail}. ${input.next}` },
    earliestMs: null,
  };
  await ctx.db.transaction().execute(async (db) => {
    await backOff(db, id, { tryAfterMs, refusals, fundsSeenAtMs });
    await tell(db, request, now, nowMs);
  });
  ctx.requestChanged(id);
  return {
    ...request,
    refusals,
    tryAfterMs,
    fundsSeenAtMs: null,
    quoteId: null,
    told: { ...now, atMs: nowMs },
  };
}
