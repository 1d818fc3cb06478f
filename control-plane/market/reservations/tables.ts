import type { ReservationState } from "@ionet/protocol";
import type { ColumnType, Generated } from "kysely";
import type { Db } from "../../platform/context.ts";

type JsonColumn = ColumnType<unknown, string, string>;

type QuoteTable = {
  id: string;
  account_id: string;
  demand: JsonColumn;
  leases: JsonColumn;
  fee_bps: number;
  deposit: string;
  sol_price: JsonColumn | null;
  expires_at_ms: number;
};

export type ReservationRow = {
  id: string;
  account_id: string;
  wallet: string;
  quote_id: string;
  cluster_id: string;
  state: ReservationState;
  reason: string | null;
  escrows: JsonColumn;
  mint: string;
  deposit: string;
  fee_bps: number;
  leases: JsonColumn;
  created_at_ms: number;
  expires_at_ms: number;
  escrow_judged: Generated<boolean>;
};

/** The tables of this step. */
export const tables = (db: Db) => db.withTables<{ quotes: QuoteTable; reservations: ReservationRow }>();
