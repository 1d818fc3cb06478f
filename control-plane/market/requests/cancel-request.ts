import { type Answer, problem, type RequestId } from "@ionet/protocol";
import type { Context } from "../../platform/context.ts";
import type { Caller } from "../../platform/http/handlers.ts";
import { markRefused, reservationOfQuote } from "../reservations/store.ts";
import { isOpen, REQUEST_CANCELLED } from "./model.ts";
import { ownRequest } from "./own-request.ts";
import { lockRequest, moveRequest } from "./store.ts";
import { toView } from "./view.ts";

/**
 * Ends the waiting. What is held is let go, and counts as a hold that came to nothing; escrows that were opened for it
 * are refunded. Cancelling twice is as cancelling once. Throws `not-found`, and `request-ended` for one that was
 * fulfilled or has expired.
 */
export async function cancelRequest(
  ctx: Pick<Context, "db" | "clock" | "wake">,
  caller: Pick<Caller, "accountId">,
  id: RequestId,
): Promise<Answer<"cancelRequest">> {
  await ownRequest(ctx, caller, id);
  await ctx.db.transaction().execute(async (db) => {
    const request = await lockRequest(db, id);
    if (request === undefined || !isOpen(request.state)) return;
    // By its quote: a booking that nobody has looked at yet is let go too.
    const booked = request.quoteId === null ? undefined : await reservationOfQuote(db, request.quoteId);
    // Funded a moment ago: it is fulfilled, and the next round says so.
    if (booked?.state === "funded") return;
    if (booked !== undefined) await markRefused(db, booked.id, REQUEST_CANCELLED, false);
    await moveRequest(
      db,
      request,
      { to: "cancelled", reason: "cancelled by its engineer", reservationId: null },
      { event: "cancelled", atMs: ctx.clock.now() },
    );
  });
  const record = await ownRequest(ctx, caller, id);
  // GPUs that were held or reserved are others' now.
  ctx.wake("reservations");
  ctx.wake("requests");
  if (record.state === "cancelled") return toView(record);
  throw problem("request-ended", {
    detail: `the request is ${record.state}${record.reason === null ? "" : `: ${record.reason}`}`,
    field: "requestId",
    given: id,
    allowed: "a request that waits, or is held and not funded",
    next: "There is nothing to cancel. A cluster that runs is stopped with POST /v1/clusters/{clusterId}/stop.",
  });
}
