import type { Context } from "../../platform/context.ts";
import type { Handlers } from "../../platform/http/handlers.ts";
import { type BookingContext, book } from "./book.ts";
import { createQuote, type QuoteContext } from "./create-quote.ts";
import { getReservation } from "./get-reservation.ts";
import type { PaymentTerms } from "./payment-terms.ts";

export const reservationRoutes = (
  ctx: Context & BookingContext & QuoteContext,
  terms: PaymentTerms,
): Handlers<"createQuote" | "book" | "getReservation"> => ({
  createQuote: ({ body }, caller) => createQuote(ctx, terms, caller, body),
  book: ({ body }, caller) => book(ctx, terms, caller, body.quoteId, body.leasesPerEscrow),
  getReservation: ({ params }, caller) => getReservation(ctx, caller, params.reservationId),
});
