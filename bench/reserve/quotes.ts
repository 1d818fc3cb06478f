import { randomBytes } from "node:crypto";
import type { AccountId, Demand } from "@ionet/protocol";
import { sql } from "kysely";
import { admitBookings } from "../../control-plane/market/reservations/admit.ts";
import { createQuote } from "../../control-plane/market/reservations/create-quote.ts";
import { testPaymentTerms } from "../../control-plane/market/reservations/testing/payment-terms.ts";
import type { OpenDatabase } from "../../control-plane/platform/database/open.ts";
import { createLog } from "../../control-plane/platform/http/log.ts";
import { openAllocation } from "../../control-plane/supply/inventory/allocation/allocation.ts";
import { openLiveOffers } from "../../control-plane/supply/inventory/live-offers.ts";
import type { Seeded } from "../seeded.ts";
import { GANG_SIZES } from "./gangs.ts";
import { MODELS } from "./market.ts";

const QUOTES = 1000;
const terms = testPaymentTerms();

/** How quotes are answered: one after the other, each written. */
export type QuoteFigures = { loadSeconds: number; perSecond: number; p50Ms: number; p99Ms: number };

/**
 * The product's quotes over the whole market: the cheapest gangs of all sizes, some from two suppliers, as engineers ask.
 * First all nodes are read, as a control plane does when it starts.
 */
export async function measureQuotes(database: OpenDatabase, random: Seeded): Promise<QuoteFigures> {
  const { db } = database;
  const nowMs = Date.now();
  await sql`update nodes set last_seen_at_ms = ${nowMs}`.execute(db);
  const clock = { now: () => nowMs };
  const log = createLog("silent", process.stderr);
  const allocation = openAllocation({ openConnection: database.openConnection, log }, admitBookings);
  // It takes the lead, as that of a control plane that has booked something.
  await allocation.sweep();
  const offers = openLiveOffers({ db, clock }, allocation);
  const loading = performance.now();
  await offers.free();
  const loadSeconds = rounded((performance.now() - loading) / 1000);
  const ctx = { db, clock, offers, random: { bytes: (count: number) => new Uint8Array(randomBytes(count)) } };
  const caller = { accountId: "acc_suppliers" as AccountId };
  const took: number[] = [];
  for (let i = 0; i < QUOTES; i++) {
    const gpuCount = random.pick(GANG_SIZES);
    const demand: Demand = {
      ...{ gpuModel: random.pick(MODELS), gpuCount, durationSeconds: 3600, currency: "USDC" },
      minSuppliers: Math.min(gpuCount, 1 + random.below(2)),
    };
    const asked = performance.now();
    await createQuote(ctx, terms, caller, demand);
    took.push(performance.now() - asked);
  }
  await allocation.stop();
  const total = took.reduce((sum, ms) => sum + ms, 0);
  took.sort((a, b) => a - b);
  const at = (share: number) => rounded(took[Math.floor((took.length - 1) * share)] ?? 0);
  return { loadSeconds, perSecond: Math.round((QUOTES * 1000) / total), p50Ms: at(0.5), p99Ms: at(0.99) };
}

const rounded = (value: number): number => Math.round(value * 100) / 100;
