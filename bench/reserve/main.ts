/**
 * `npm run bench -- reserve [--json] [--seconds 60] [--nodes 100000] [--callers 1000]
 * [--cases 300] [--traces FOLDER]`: gangs reserved and released a
 * second, durably, on a PostgreSQL server that the benchmark starts, with its default settings. `durable`: the server waits
 * for its disk, and when it was made to crash under the callers nothing was lost that had been answered. The peer, the same
 * over HTTP and how near to the cheapest the choices are stand beside it.
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { sql } from "kysely";
import { openPostgres } from "../../control-plane/platform/database/open.ts";
import { startPostgres } from "../../tools/postgres.ts";
import { seeded } from "../seeded.ts";
import { crashUnderCallers } from "./crash.ts";
import { runGangs } from "./gangs.ts";
import { insertMarket, MODELS, makeMarket } from "./market.ts";
import { measureOptimality } from "./optimality.ts";
import { measureOverHttp } from "./over-http.ts";
import { openPeer, PEER } from "./peer.ts";
import { measureQuotes } from "./quotes.ts";
import { openWriter } from "./writer.ts";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    seconds: { type: "string", default: "60" },
    nodes: { type: "string", default: "100000" },
    callers: { type: "string", default: "1000" },
    cases: { type: "string", default: "300" },
    traces: {
      type: "string",
      default: fileURLToPath(new URL("../../../shared/data/traces", import.meta.url)),
    },
  },
});
const seconds = Number(values.seconds);
const nodes = Number(values.nodes);
const callers = Number(values.callers);
const cases = Number(values.cases);
if (![seconds, nodes, callers, cases].every((number) => Number.isFinite(number) && number > 0)) {
  console.error("bench reserve: --seconds, --nodes, --callers and --cases take numbers above 0");
  process.exit(2);
}
const say = (line: string) => console.error(`bench reserve: ${line}`);
const server = await startPostgres(say);
if (server === null) {
  say("needs a PostgreSQL server (Debian: apt install postgresql)");
  process.exit(1);
}
try {
  const result = await measure(server);
  console.log(values.json ? JSON.stringify(result) : text(result));
} finally {
  await server.stop();
}

async function measure(server: { url: string; crash(): Promise<void> }) {
  const { url } = server;
  const random = seeded(20_260_101);
  const market = makeMarket(nodes, random);
  const database = await openPostgres(url);
  say(`${nodes} nodes are written`);
  await insertMarket(database.db, market, Date.now());
  const waitsForDisk = await doesWaitForDisk(database.db);
  const writer = await openWriter(database, market);
  say(`${callers} callers reserve and release for ${seconds} s`);
  const before = process.cpuUsage();
  const ours = await runGangs(writer, { callers, seconds, models: MODELS, random });
  const { user, system } = process.cpuUsage(before);
  await writer.check();
  await writer.close();
  say("the server crashes under the callers");
  const next = await openWriter(database, market);
  const crash = await crashUnderCallers(server, { database, writer: next }, { callers, random });
  await next.check();
  await next.close();
  const peerSeconds = Math.min(seconds, 20);
  say(`the peer does the same for ${peerSeconds} s`);
  const peer = await openPeer(url, market);
  const theirs = await runGangs(peer, { callers, seconds: peerSeconds, models: MODELS, random });
  await peer.close();
  const httpSeconds = Math.min(seconds, 10);
  say(`whole bookings over HTTP for ${httpSeconds} s`);
  const overHttp = await measureOverHttp(database, httpSeconds);
  say("the product's quotes over the same market");
  const quotes = await measureQuotes(database, random);
  await database.close();
  say(`an exact solver judges ${cases} choices`);
  const optimality = await measureOptimality({ cases, traces: values.traces }, say);
  return {
    nodes,
    reservationsPerSecond: Math.round(ours.reserved / ours.seconds),
    durable: waitsForDisk && crash.answered > 0 && crash.lost === 0,
    overHttp,
    quotes,
    seconds: Math.round(ours.seconds),
    callers,
    releasesPerSecond: Math.round(ours.released / ours.seconds),
    refused: ours.refused,
    leasesPerReservation: rounded(writer.leases() / ours.reserved),
    reservationsPerGroup: Math.round(ours.reserved / writer.groups()),
    processCpuMicrosecondsPerReservation: rounded((user + system) / ours.reserved),
    crash,
    peer: { name: PEER, reservationsPerSecond: Math.round(theirs.reserved / theirs.seconds) },
    optimality,
  };
}

/** Whether a commit that waits, as a flush is one, waits for the disk on this server. */
async function doesWaitForDisk(db: Awaited<ReturnType<typeof openPostgres>>["db"]): Promise<boolean> {
  const { rows } = await sql<{ on: boolean }>`
    select current_setting('fsync') = 'on' and current_setting('synchronous_commit') = 'on'
      and current_setting('full_page_writes') = 'on' as on`.execute(db);
  return rows[0]?.on === true;
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

function text(result: Awaited<ReturnType<typeof measure>>): string {
  const rows = Object.entries(result).map(
    ([key, value]) => `${key.padEnd(40)} ${typeof value === "object" ? JSON.stringify(value) : value}`,
  );
  return rows.join("\n");
}
