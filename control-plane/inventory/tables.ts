import type { Generated } from "kysely";
import type { Db } from "../context.ts";

type HeldGpus = {
  node_id: string;
  gpu_index: number;
  reservation_id: string;
  lease_id: string;
  released: Generated<boolean>;
};

type NodeHistory = {
  node_id: string;
  leases: number;
  promised_seconds: number;
  delivered_seconds: number;
};

/** The tables of this step. */
export const tables = (db: Db) => db.withTables<{ held_gpus: HeldGpus; node_history: NodeHistory }>();
