import {
  type AccountId,
  type Demand,
  demandSchema,
  type QuoteId,
  type RequestEvent,
  type RequestId,
  type RequestState,
  type ReservationId,
  type WaitsFor,
  waitsForSchema,
} from "@ionet/protocol";
import type { ColumnType, Generated, Selectable } from "kysely";
import { z } from "zod";
import type { Db } from "../../platform/context.ts";
import type { RequestRecord } from "./model.ts";

type RequestRow = {
  id: string;
  account_id: string;
  wallet: string;
  demand: ColumnType<unknown, string, never>;
  gpu_model: string;
  leases_per_escrow: number;
  wait_until_ms: number;
  state: RequestState;
  reason: string | null;
  created_at_ms: number;
  queued_at_ms: number;
  lapses: Generated<number>;
  quote_id: string | null;
  reservation_id: string | null;
  try_after_ms: Generated<number>;
  refusals: Generated<number>;
  funds_seen_at_ms: number | null;
  told_at_ms: number | null;
  position: number | null;
  waits_for: ColumnType<unknown, string | null, string | null>;
  earliest_ms: number | null;
};

type EventRow = {
  id: Generated<number>;
  request_id: string;
  at_ms: number;
  event: RequestEvent["event"];
  detail: string | null;
  reservation_id: string | null;
};

/** The tables of this step; no other folder reads them. */
export const tables = (db: Db) => db.withTables<{ requests: RequestRow; request_events: EventRow }>();

export const encodeDemand = (demand: Demand): string => JSON.stringify(z.encode(demandSchema, demand));
export const encodeWaitsFor = (waitsFor: WaitsFor | null): string | null =>
  waitsFor === null ? null : JSON.stringify(waitsFor);

export const fromRow = (row: Selectable<RequestRow>): RequestRecord => ({
  id: row.id as RequestId,
  accountId: row.account_id as AccountId,
  wallet: row.wallet,
  demand: z.decode(demandSchema, row.demand as z.input<typeof demandSchema>),
  leasesPerEscrow: row.leases_per_escrow,
  waitUntilMs: row.wait_until_ms,
  state: row.state,
  reason: row.reason,
  createdAtMs: row.created_at_ms,
  queuedAtMs: row.queued_at_ms,
  lapses: row.lapses,
  quoteId: row.quote_id as QuoteId | null,
  reservationId: row.reservation_id as ReservationId | null,
  tryAfterMs: row.try_after_ms,
  refusals: row.refusals,
  fundsSeenAtMs: row.funds_seen_at_ms,
  told: {
    atMs: row.told_at_ms,
    position: row.position,
    waitsFor: waitsForSchema.nullable().parse(row.waits_for),
    earliestMs: row.earliest_ms,
  },
});

export const eventFromRow = (row: Selectable<EventRow>): RequestEvent => ({
  id: row.id,
  at: new Date(row.at_ms).toISOString(),
  event: row.event,
  detail: row.detail,
  reservationId: row.reservation_id as ReservationId | null,
});
