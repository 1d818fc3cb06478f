import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "kysely";
import type { OpenDatabase } from "../../control-plane/platform/database/open.ts";
import type { Hold } from "../../control-plane/supply/inventory/allocation/held-rows.ts";
import type { Seeded } from "../seeded.ts";
import { type Carrier, runGangs } from "./gangs.ts";
import { MODELS } from "./market.ts";

/** How long the callers run before the server is made to crash. */
const BEFORE_MS = 1500;

/**
 * Makes the server crash while callers reserve and release, and looks for what they were answered in the rows when it is
 * back: how many leases were held or released for sure, and of how many the rows say something else.
 */
export async function crashUnderCallers(
  server: { crash(): Promise<void> },
  { database, writer }: { database: OpenDatabase; writer: Carrier<Hold[]> },
  { callers, random }: { callers: number; random: Seeded },
): Promise<{ answered: number; lost: number }> {
  const held = new Set<string>();
  const gone = new Set<string>();
  const watched: Carrier<Hold[]> = {
    async reserve(model, gpus) {
      const holds = await writer.reserve(model, gpus);
      for (const { leaseId } of holds ?? []) held.add(leaseId);
      return holds;
    },
    async release(holds) {
      // From here on the rows may say either, until it is answered.
      for (const { leaseId } of holds) held.delete(leaseId);
      await writer.release(holds);
      for (const { leaseId } of holds) gone.add(leaseId);
    },
  };
  // What was written before is not to be read again from the log.
  await sql`checkpoint`.execute(database.db);
  const run = runGangs(watched, { callers, seconds: 600, models: MODELS, random }).catch(() => {});
  await sleep(BEFORE_MS);
  await server.crash();
  await run;
  const { rows } = await sql<{ lease_id: string }>`select lease_id from gpu_holds`.execute(database.db);
  const written = new Set(rows.map((row) => row.lease_id));
  const lost =
    [...held].filter((id) => !written.has(id)).length + [...gone].filter((id) => written.has(id)).length;
  return { answered: held.size + gone.size, lost };
}
