import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  makeId,
  microUsdPerGpuHour,
  type NodeId,
  type QuotedLease,
  quotedLeaseSchema,
  ratePerHour,
} from "@ionet/protocol";
import { type Kysely, sql } from "kysely";
import { expect, test } from "vitest";
import { z } from "zod";
import { startPostgres } from "../../../tools/postgres.ts";
import { makeTestWallet } from "../../platform/accounts/testing/wallet.ts";
import type { Tables } from "../../platform/context.ts";
import { type OpenDatabase, openPglite, openPostgres } from "../../platform/database/open.ts";
import { readHeld } from "../../supply/inventory/allocation/testing/nodes.ts";
import { observationOf } from "../../supply/nodes/testing/node.ts";
import { expireHolds } from "./store.ts";

const RIVALS = 1000;
const NODES = 24;
const GPUS = 8;
const NOW = Date.UTC(2026, 0, 1);
/** The control plane is killed when so many bookings were answered. */
const KILLED_AFTER = 20;
const SUPPLIER = "So11111111111111111111111111111111111111112";

const id = (kind: "node" | "lease" | "quote" | "account") => makeId(kind, new Uint8Array(randomBytes(20)));
const below = (limit: number) => randomBytes(4).readUInt32LE() % limit;

/** Nodes that are for hire, and a thousand engineers who each have a quote of one to eight GPUs of one to four of them. */
async function addRivals(db: Kysely<Tables>): Promise<void> {
  const { hardware, readiness } = observationOf({ gpus: GPUS });
  const nodes = Array.from({ length: NODES }, () => ({ id: id("node") as NodeId }));
  const engineers = Array.from({ length: RIVALS }, () => ({
    id: id("account"),
    wallet: makeTestWallet().address,
  }));
  const quotes = engineers.map((engineer) => ({
    id: id("quote"),
    account: engineer.id,
    leases: someLeases(nodes),
  }));
  const demand = {
    gpuModel: "a100-40gb",
    gpuCount: 1,
    durationSeconds: 3600,
    currency: "USDC",
    minSuppliers: 1,
  };
  const terms = { priceMicroUsdPerGpuHour: "400000", country: "DE" };
  await sql`insert into accounts select id, wallet, ${NOW} from jsonb_to_recordset(${JSON.stringify(engineers)}::jsonb)
    as row(id text, wallet text)`.execute(db);
  await sql`
    insert into nodes (id, account_id, wallet, supplier_kind, public_key, state, hardware, terms, readiness,
      enrolled_at_ms, last_seen_at_ms)
    select id, ${engineers[0]?.id}, ${SUPPLIER}, 'miner', convert_to(id, 'UTF8'), 'available',
      ${JSON.stringify(hardware)}::jsonb, ${JSON.stringify(terms)}::jsonb, ${JSON.stringify(readiness)}::jsonb,
      ${NOW}, ${NOW}
    from jsonb_to_recordset(${JSON.stringify(nodes)}::jsonb) as row(id text)`.execute(db);
  await sql`
    insert into quotes (id, account_id, demand, leases, fee_bps, deposit, expires_at_ms)
    select id, account, ${JSON.stringify(demand)}::jsonb, leases, 200, 1, ${NOW + 60_000}
    from jsonb_to_recordset(${JSON.stringify(quotes)}::jsonb) as row(id text, account text, leases jsonb)`.execute(
    db,
  );
}

function someLeases(nodes: readonly { id: NodeId }[]) {
  const first = below(nodes.length);
  const leases: QuotedLease[] = Array.from({ length: 1 + below(4) }, (_, n) => {
    const from = below(GPUS - 1);
    return {
      leaseId: id("lease") as QuotedLease["leaseId"],
      nodeId: nodes[(first + n) % nodes.length]?.id ?? ("" as NodeId),
      supplier: SUPPLIER,
      supplierKind: "miner",
      country: "DE",
      gpuModel: "a100-40gb",
      gpus: below(2) === 0 ? [from] : [from, from + 1],
      simulated: true,
      priceMicroUsdPerGpuHour: microUsdPerGpuHour(400_000n),
      ratePerHour: ratePerHour(400_000n),
      maxSeconds: 3600,
    };
  });
  return z.encode(z.array(quotedLeaseSchema), leases);
}

/** A control plane of its own books all quotes at once; it is killed (-9) once so many bookings were answered. */
async function race(place: string, killedAfter: number): Promise<{ told: string[]; done: boolean }> {
  const racer = fileURLToPath(new URL("./testing/racer.ts", import.meta.url));
  const child = spawn(process.execPath, [racer, String(NOW), place], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (more: string) => {
    text += more;
    if (text.split("\n").length > killedAfter) child.kill("SIGKILL");
  });
  await new Promise((resolve) => child.once("close", resolve));
  const lines = text.split("\n").slice(0, -1);
  return {
    told: lines.filter((line) => line.startsWith("held ")).map((line) => line.slice(5)),
    done: lines.includes("done"),
  };
}

/** What the rows say, GPU by GPU: reservations that hold, and the GPUs of each, as quoted and as held. */
async function readRows(db: Kysely<Tables>) {
  const { rows } = await sql<{ id: string; leases: { leaseId: string; nodeId: string; gpus: number[] }[] }>`
    select id, leases from reservations where state = 'held'`.execute(db);
  const { rows: holds } = await sql<{
    reservation_id: string;
    lease_id: string;
    node_id: string;
    gpu: number;
  }>`
    select reservation_id, lease_id, node_id, gpu
    from gpu_holds join gpu_nodes using (node_number), generate_series(0, 63) as gpu
    where gpus >> gpu & 1 = 1 and not released`.execute(db);
  const reserved = rows.flatMap((row) =>
    row.leases.flatMap(({ leaseId, nodeId, gpus }) =>
      gpus.map((gpu) => `${row.id} ${leaseId} ${nodeId} ${gpu}`),
    ),
  );
  const held = holds.map((hold) => `${hold.reservation_id} ${hold.lease_id} ${hold.node_id} ${hold.gpu}`);
  return {
    reservations: rows.map((row) => row.id),
    reserved,
    held,
    gpus: holds.map((hold) => `${hold.node_id} ${hold.gpu}`),
  };
}

/** Every reservation holds all that it says, nothing else is held, and no GPU twice. */
async function expectSound(db: Kysely<Tables>) {
  const rows = await readRows(db);
  expect(rows.held.toSorted()).toEqual(rows.reserved.toSorted());
  expect(new Set(rows.gpus).size).toBe(rows.gpus.length);
  expect(await readHeld(db)).toEqual({ byLeases: rows.gpus.length, byNodes: rows.gpus.length, same: true });
  return rows;
}

async function raceOn(place: string, open: () => Promise<OpenDatabase>): Promise<void> {
  const made = await open();
  await addRivals(made.db);
  await made.close();

  const cut = await race(place, KILLED_AFTER);
  expect(cut.done).toBe(false);
  const between = await open();
  const afterKill = await expectSound(between.db);
  // What was answered is durable; at most what was on its way is there besides.
  expect(afterKill.reservations).toEqual(expect.arrayContaining(cut.told));
  expect(cut.told.length).toBeGreaterThanOrEqual(KILLED_AFTER);
  await between.close();

  const whole = await race(place, Number.POSITIVE_INFINITY);
  expect(whole.done).toBe(true);
  const after = await open();
  const { reservations, gpus } = await expectSound(after.db);
  // Who had booked before the kill is told of its own reservation, whether the answer had come or not.
  expect(whole.told.toSorted()).toEqual(reservations.toSorted());
  expect(reservations).toEqual(expect.arrayContaining(afterKill.reservations));
  // No GPU is lost: of each quote that nobody got, a GPU is held by somebody else.
  const { rows: refused } = await sql<{ leases: { nodeId: string; gpus: number[] }[] }>`
    select leases from quotes where not exists (select 1 from reservations where quote_id = quotes.id)`.execute(
    after.db,
  );
  expect(refused.length).toBe(RIVALS - reservations.length);
  const taken = new Set(gpus);
  for (const { leases } of refused) {
    expect(leases.some(({ nodeId, gpus }) => gpus.some((gpu) => taken.has(`${nodeId} ${gpu}`)))).toBe(true);
  }
  await after.db.transaction().execute((tx) => expireHolds(tx, NOW + 90_000));
  expect((await readRows(after.db)).held).toEqual([]);
  await after.close();
}

test("a thousand engineers race for scarce GPUs on PGlite, killed in the middle: none twice, none lost", async () => {
  const folder = mkdtempSync(join(tmpdir(), "ionet-race-"));
  try {
    await raceOn(folder, () => openPglite(folder));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 300_000);

test("a thousand engineers race for scarce GPUs on a PostgreSQL server, killed in the middle: none twice, none lost", async ({
  skip,
}) => {
  const server = await startPostgres((line) => console.log(line));
  if (server === null) return skip("no PostgreSQL server on this machine");
  try {
    await raceOn(server.url, () => openPostgres(server.url));
  } finally {
    await server.stop();
  }
}, 300_000);
