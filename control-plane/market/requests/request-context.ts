import type { LeaseId, RequestId } from "@ionet/protocol";
import type { Context } from "../../platform/context.ts";
import type { BookingContext } from "../reservations/book.ts";
import type { QuoteContext } from "../reservations/create-quote.ts";
import type { PaymentTerms } from "../reservations/payment-terms.ts";
import type { RoundRobin } from "./round-robin.ts";

/** By when these leases have ended at the latest, in Unix ms; those that no cluster has yet are left out. */
export type LatestEnds = (leaseIds: readonly LeaseId[]) => Promise<Map<LeaseId, number>>;

/** What waiting requests need of the control plane. */
export type RequestContext = Context &
  BookingContext &
  QuoteContext & {
    terms: PaymentTerms;
    /** Something happened to a request: who listens to its events may look. */
    requestChanged(id: RequestId): void;
    turns: RoundRobin;
    /** Of the clusters that run, which come later in the flow: whoever composes the control plane passes it in. */
    latestEnds: LatestEnds;
  };
