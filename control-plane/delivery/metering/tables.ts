import type { ColumnType, Generated } from "kysely";
import type { Db } from "../../platform/context.ts";

type StatementTable = {
  lease_id: string;
  sequence: number;
  at_ms: number;
  gpus: ColumnType<number[], string, never>;
  peers_alive: ColumnType<string[] | null, string | null, never>;
  previous: string;
  hash: string;
  signature: string;
  received_at_ms: number;
};

type MeterTable = {
  lease_id: string;
  cluster_id: string;
  next_sequence: Generated<number>;
  last_hash: ColumnType<string | null, string | null | undefined, string | null>;
  last_at_ms: ColumnType<number | null, number | null | undefined, number | null>;
  counted_through: Generated<number>;
  counted_ms: Generated<number>;
  sealed: Generated<boolean>;
};

export type ReadingTable = {
  escrow: string;
  cluster_id: string;
  meter: string;
  reading: string;
  signature: string;
  seconds: ColumnType<number[], string, string>;
  final: boolean;
  signed_at_ms: number;
};

/** The tables of this step; no other folder reads them. */
export const tables = (db: Db) =>
  db.withTables<{ statements: StatementTable; lease_meters: MeterTable; readings: ReadingTable }>();
