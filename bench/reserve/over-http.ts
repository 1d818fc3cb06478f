import { createHash, randomBytes } from "node:crypto";
import { Worker } from "node:worker_threads";
import {
  makeId,
  microUsdPerGpuHour,
  type QuotedLease,
  quotedLeaseSchema,
  ratePerHour,
} from "@ionet/protocol";
import { sql } from "kysely";
import { z } from "zod";
import { admitBookings } from "../../control-plane/market/reservations/admit.ts";
import { reservationRoutes } from "../../control-plane/market/reservations/routes.ts";
import { testPaymentTerms } from "../../control-plane/market/reservations/testing/payment-terms.ts";
import { authenticateBearer } from "../../control-plane/platform/accounts/authenticate.ts";
import { makeTestWallet } from "../../control-plane/platform/accounts/testing/wallet.ts";
import type { Db } from "../../control-plane/platform/context.ts";
import type { OpenDatabase } from "../../control-plane/platform/database/open.ts";
import { createLog } from "../../control-plane/platform/http/log.ts";
import { createMetrics } from "../../control-plane/platform/http/metrics.ts";
import { createServer } from "../../control-plane/platform/http/server.ts";
import { createSignals } from "../../control-plane/platform/signals.ts";
import { openAllocation } from "../../control-plane/supply/inventory/allocation/allocation.ts";
import { openLiveOffers } from "../../control-plane/supply/inventory/live-offers.ts";
import type { CallerWork, MarketCall } from "./http-caller.ts";

const ACCOUNTS = 2000;
const QUOTES_A_SECOND = 3000;
const CALLERS = 1000;
const ADDRESS = "So11111111111111111111111111111111111111112";
const terms = testPaymentTerms({ walletBalance: async () => 1_000_000_000_000n });

/**
 * Whole bookings through the product's HTTP server: the token, the quote, the nodes, the wallet's holds, the reservation
 * and its GPUs. The chain is left out: every wallet shows enough. The callers are a thread of this process.
 * @returns bookings a second
 */
export async function measureOverHttp(database: OpenDatabase, seconds: number): Promise<number> {
  const { db } = database;
  const nowMs = Date.now();
  const calls = await addQuotes(db, nowMs, Math.ceil(seconds * QUOTES_A_SECOND));
  const log = createLog("silent", process.stderr);
  const signals = createSignals();
  const allocation = openAllocation({ openConnection: database.openConnection, log }, admitBookings);
  const clock = { now: () => nowMs };
  const ctx = {
    db,
    allocation,
    offers: openLiveOffers({ db, clock }, allocation),
    log,
    clock,
    random: { bytes: (count: number) => new Uint8Array(randomBytes(count)) },
    wake: signals.wake,
    nodeChanged: signals.nodeChanged,
  };
  const server = createServer({
    ctx,
    log,
    handlers: reservationRoutes(ctx, terms),
    authenticate: (token) => authenticateBearer(ctx, token),
    verifyNode: () => Promise.reject(new Error("no agents here")),
    metrics: createMetrics({}),
  });
  const url = await server.listen({ host: "127.0.0.1", port: 0 });
  try {
    const {
      booked,
      refused,
      seconds: took,
    } = await callFromThread({ url, calls, callers: CALLERS, seconds });
    if (refused > 0) throw new Error(`${refused} bookings were refused over HTTP`);
    return Math.round(booked / took);
  } finally {
    await server.close();
    await allocation.stop();
  }
}

function callFromThread(work: CallerWork): Promise<{ booked: number; refused: number; seconds: number }> {
  const thread = new Worker(new URL("http-caller.ts", import.meta.url), { workerData: work });
  return new Promise((resolve, reject) => {
    thread.once("message", resolve);
    thread.once("error", reject);
  });
}

/** Engineers with tokens, and quotes of whole nodes that nobody holds. */
async function addQuotes(db: Db, nowMs: number, wanted: number): Promise<MarketCall[]> {
  const engineers = Array.from({ length: ACCOUNTS }, () => {
    const token = randomBytes(16).toString("hex");
    const sha256 = createHash("sha256").update(token).digest("hex");
    return { id: id("account"), wallet: makeTestWallet().address, token, sha256, key: id("apiKey") };
  });
  const people = JSON.stringify(engineers);
  await sql`insert into accounts select id, wallet, ${nowMs}
    from jsonb_to_recordset(${people}::jsonb) as row(id text, wallet text)`.execute(db);
  await sql`insert into access_keys select key, id, decode(sha256, 'hex'), null, '["rent"]', ${nowMs}, ${nowMs + 3_600_000}
    from jsonb_to_recordset(${people}::jsonb) as row(key text, id text, sha256 text)`.execute(db);
  await sql`update nodes set last_seen_at_ms = ${nowMs}`.execute(db);
  const { rows: nodes } = await sql<{ id: QuotedLease["nodeId"]; gpus: number }>`
    select id, jsonb_array_length(hardware->'gpus') as gpus from nodes join gpu_nodes on node_id = id
    where held = 0 limit ${wanted}`.execute(db);
  const quotes = nodes.map(({ id: nodeId, gpus }, index) => {
    const engineer = engineers[index % ACCOUNTS];
    return {
      id: id("quote"),
      account: engineer?.id,
      token: engineer?.token ?? "",
      leases: leasesOf(nodeId, gpus),
    };
  });
  const demand = {
    gpuModel: "a100-40gb",
    gpuCount: 1,
    durationSeconds: 3600,
    currency: "USDC",
    minSuppliers: 1,
  };
  await sql`insert into quotes (id, account_id, demand, leases, fee_bps, deposit, expires_at_ms)
    select id, account, ${JSON.stringify(demand)}::jsonb, leases, 200, 1, ${nowMs + 3_600_000}
    from jsonb_to_recordset(${JSON.stringify(quotes)}::jsonb) as row(id text, account text, leases jsonb)`.execute(
    db,
  );
  await sql`analyze`.execute(db);
  return quotes.map((quote) => ({ token: quote.token, quoteId: quote.id }));
}

function leasesOf(nodeId: QuotedLease["nodeId"], gpus: number) {
  const lease: QuotedLease = {
    leaseId: id("lease") as QuotedLease["leaseId"],
    nodeId,
    supplier: ADDRESS,
    supplierKind: "miner",
    country: "DE",
    gpuModel: "a100-40gb",
    gpus: Array.from({ length: gpus }, (_, index) => index),
    simulated: true,
    priceMicroUsdPerGpuHour: microUsdPerGpuHour(400_000n),
    ratePerHour: ratePerHour(400_000n * BigInt(gpus)),
    maxSeconds: 3600,
  };
  return z.encode(z.array(quotedLeaseSchema), [lease]);
}

const id = (kind: "account" | "apiKey" | "quote" | "lease") => makeId(kind, new Uint8Array(randomBytes(20)));
