import type { Generated } from "kysely";
import type { Db } from "../../platform/context.ts";

type GpuNodes = {
  node_number: Generated<number>;
  node_id: string;
  held: Generated<string>;
  holds: Generated<string>;
};

/** A view over what the nodes' rows say. */
type GpuHolds = {
  lease_id: string;
  reservation_id: string;
  node_number: number;
  gpus: string;
  released: boolean;
};

type NodeHistory = {
  node_id: string;
  leases: number;
  promised_seconds: number;
  delivered_seconds: number;
  changed: Generated<string>;
};

type BackfillReservationRow = { node_id: string; request_id: string; gpus: string; from_ms: number };

/** The tables of this step. Sets of GPUs are read as text: `gpus::text`. */
export const tables = (db: Db) =>
  db.withTables<{
    gpu_nodes: GpuNodes;
    gpu_holds: GpuHolds;
    released_leases: { lease_id: string };
    backfill_reservations: BackfillReservationRow;
    node_history: NodeHistory;
  }>();
