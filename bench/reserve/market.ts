import { makeId } from "@ionet/protocol";
import { sql } from "kysely";
import type { Db } from "../../control-plane/platform/context.ts";
import type { Seeded } from "../seeded.ts";

export const MODELS = ["a100-40gb", "a100-80gb", "h100-80gb", "l40s", "rtx-3090", "rtx-4090"] as const;
const COUNTRIES = ["DE", "FI", "FR", "NL", "NO", "PL", "SE", "US"] as const;
const KINDS = ["data-centre", "miner", "storage-provider", "individual"] as const;
/** What machines have, as often as it stands here. */
const SIZES = [1, 1, 2, 4, 4, 8, 8, 8] as const;

/** A node of the benchmark: one GPU model, one price. */
export type MarketNode = {
  id: string;
  wallet: string;
  kind: (typeof KINDS)[number];
  country: (typeof COUNTRIES)[number];
  model: (typeof MODELS)[number];
  gpus: number;
  /** Micro-USD per GPU-hour, whole tenths of a cent. */
  price: bigint;
};

/** A market of so many nodes, ten a supplier. */
export const makeMarket = (nodes: number, random: Seeded): MarketNode[] =>
  Array.from({ length: nodes }, (_, index) => ({
    id: makeId(
      "node",
      Uint8Array.from({ length: 20 }, () => random.below(256)),
    ),
    // As long as an address, of its letters.
    wallet: `${Math.floor(index / 10)}`.replaceAll("0", "z").padStart(32, "1"),
    kind: random.pick(KINDS),
    country: random.pick(COUNTRIES),
    model: random.pick(MODELS),
    gpus: random.pick(SIZES),
    price: 1_000n * BigInt(200 + random.below(3000)),
  }));

const PART = 5000;

/** Writes the market as rows of nodes that are for hire. */
export async function insertMarket(db: Db, market: readonly MarketNode[], nowMs: number): Promise<void> {
  await sql`insert into accounts values ('acc_suppliers', 'suppliers', ${nowMs})`.execute(db);
  for (let start = 0; start < market.length; start += PART) {
    const rows = market.slice(start, start + PART).map((node) => ({
      ...node,
      price: node.price.toString(),
      hardware: hardwareOf(node),
      terms: { priceMicroUsdPerGpuHour: node.price.toString(), country: node.country },
    }));
    await sql`
      insert into nodes (id, account_id, wallet, supplier_kind, public_key, state, hardware, terms, readiness,
        enrolled_at_ms, last_seen_at_ms)
      select id, 'acc_suppliers', wallet, kind, convert_to(id, 'UTF8'), 'available', hardware, terms,
        ${JSON.stringify(readiness)}::jsonb, ${nowMs}, ${nowMs}
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        as row(id text, wallet text, kind text, hardware jsonb, terms jsonb)`.execute(db);
  }
  await sql`analyze`.execute(db);
}

const readiness = { environment: "ready", sandbox: "none", confinement: "namespace", address: "10.0.0.1" };

const hardwareOf = (node: MarketNode) => ({
  gpus: Array.from({ length: node.gpus }, (_, index) => ({
    index,
    uuid: `GPU-${index}`,
    model: node.model,
    name: node.model,
    vramMib: 40_960,
    simulated: true,
  })),
  cpus: 16,
  memoryMib: 131_072,
  diskFreeMib: 500_000,
});
