import type { Generated } from "kysely";
import type { Db } from "../context.ts";

type HeldGpus = {
  node_id: string;
  gpu_index: number;
  reservation_id: string;
  lease_id: string;
  released: Generated<boolean>;
};

/** The table of this step. */
export const tables = (db: Db) => db.withTables<{ held_gpus: HeldGpus }>();
