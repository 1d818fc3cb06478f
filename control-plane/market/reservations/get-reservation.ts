import { type Answer, problem, type ReservationId } from "@ionet/protocol";
import type { Context } from "../../platform/context.ts";
import type { Caller } from "../../platform/http/handlers.ts";
import { toView } from "./book.ts";
import { findReservation } from "./store.ts";

/** One of the caller's reservations. Throws `not-found`, for another's too. */
export async function getReservation(
  ctx: Pick<Context, "db">,
  caller: Caller,
  id: ReservationId,
): Promise<Answer<"getReservation">> {
  const record = await findReservation(ctx.db, caller.accountId, id);
  if (record !== undefined) return toView(record);
  throw problem("not-found", {
    detail: "this account has no such reservation",
    field: "reservationId",
    given: id,
    next: "Book a quote with POST /v1/reservations; its answer has the id.",
  });
}
