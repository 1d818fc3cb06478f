/**
 * `npm run bench -- search [--json] [--offers 1000000] [--callers 10] [--searches 6000]`: twenty searches over a million
 * offers, so many callers at once, each from the text to the page that is answered; beside it the same on a PostgreSQL
 * server that the benchmark starts. Answers that differ are a failure. Nothing is remembered between searches.
 */
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { conditionsOf, OfferIndex, offerId } from "@ionet/offer-index";
import { makeOffers, seededRandom } from "@ionet/offer-index/testing";
import { readQuery } from "@ionet/protocol";
import { searchOffers } from "../../control-plane/market/search/search-offers.ts";
import { startPostgres } from "../../tools/postgres.ts";
import { callAtOnce, type Latency } from "./call-at-once.ts";
import { fillPeer, openPeer, PEER, peerSql } from "./peer.ts";
import { queries } from "./queries.ts";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    offers: { type: "string", default: "1000000" },
    callers: { type: "string", default: "10" },
    searches: { type: "string", default: "6000" },
  },
});
const [count, callers, searches] = [Number(values.offers), Number(values.callers), Number(values.searches)];
if (![count, callers, searches].every((number) => Number.isInteger(number) && number > 0)) {
  console.error("bench search: --offers, --callers and --searches take whole numbers above 0");
  process.exit(2);
}
const say = (line: string) => console.error(`bench search: ${line}`);
const NOW_MS = Date.UTC(2026, 0, 1);
const LIMIT = 50;
const SEED = 20_260_101;
/** The peer is given as many searches as tell its slowest: each query this often. */
const PEER_ROUNDS = 12;
const CHANGES_A_SECOND = 1000;

const offers = makeOffers(count, SEED, NOW_MS);
const [some] = offers;
if (some === undefined) throw new Error("no offers");
const texts = queries.map((text) => text.replace("SUPPLIER", some.supplier));
const index = new OfferIndex();
const filling = performance.now();
for (const offer of offers) index.put(offer);
index.settle(Number.POSITIVE_INFINITY);
const filledSeconds = rounded((performance.now() - filling) / 1000);
say(`${count} offers are in the index after ${filledSeconds} s`);
const search = { clock: { now: () => NOW_MS }, freshIndex: async () => ({ index, asOfMs: NOW_MS }) };
const ask = (i: number) => searchOffers(search, { q: texts[i % texts.length] ?? "", limit: LIMIT });

await callAtOnce(callers, Math.min(searches, 2000), ask);
const before = process.cpuUsage();
const ours = await callAtOnce(callers, searches, ask);
const { user, system } = process.cpuUsage(before);
const cpuMs = rounded((user + system) / 1000 / searches);
say(`${searches} searches of ${callers} callers: p50 ${ours.p50Ms} ms, p99 ${ours.p99Ms} ms`);
const peer = await measurePeer();
const whileChanging = await underChanges();

const result = {
  offers: count,
  queries: queries.length,
  callers,
  p50Ms: ours.p50Ms,
  p99Ms: ours.p99Ms,
  maxMs: ours.maxMs,
  cpuMsPerSearch: cpuMs,
  searchesPerSecond: ours.perSecond,
  fillSeconds: filledSeconds,
  whileChanging: {
    offersChangedPerSecond: CHANGES_A_SECOND,
    p50Ms: whileChanging.p50Ms,
    p99Ms: whileChanging.p99Ms,
  },
  peer,
};
console.log(values.json ? JSON.stringify(result) : text(result));

/** The same searches on the peer, its answers compared first. */
async function measurePeer() {
  const server = await startPostgres(say);
  if (server === null) return null;
  const folder = mkdtempSync(join(tmpdir(), "ionet-offers-"));
  chmodSync(folder, 0o755);
  try {
    await fillPeer(server.url, offers, folder);
    say("the peer has the same offers and its indexes");
    const pool = openPeer(server.url, callers);
    try {
      const statements = texts.map((one) => peerSql(index, readQuery(one), NOW_MS));
      const page = async (i: number) => {
        const sql = statements[i % statements.length]?.page ?? "";
        return (await pool.query<{ id: string }>(`${sql} limit ${LIMIT + 1}`)).rows.map(({ id }) => id);
      };
      const whole = async (i: number) => {
        const ids = await page(i);
        const { rows } = await pool.query<{ offers: number; gpus: number }>(
          statements[i % statements.length]?.totals ?? "",
        );
        return { ids, ...rows[0] };
      };
      for (const [i, one] of texts.entries()) await expectSame(one, await ask(i), await whole(i));
      say("the answers of both are the same");
      const wholeAnswers = await callAtOnce(callers, PEER_ROUNDS * queries.length, whole);
      const firstPages = await callAtOnce(callers, PEER_ROUNDS * queries.length, page);
      return {
        name: PEER,
        p50Ms: wholeAnswers.p50Ms,
        p99Ms: wholeAnswers.p99Ms,
        firstPageOnly: { p50Ms: firstPages.p50Ms, p99Ms: firstPages.p99Ms },
        answersEqual: true,
      };
    } finally {
      // Before the server ends, or its end would hide what went wrong.
      await pool.end();
    }
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

type Theirs = { ids: readonly string[]; offers?: number; gpus?: number };
async function expectSame(one: string, own: Awaited<ReturnType<typeof ask>>, theirs: Theirs): Promise<void> {
  const ids = own.items.map(offerId);
  const same =
    ids.join() === theirs.ids.slice(0, LIMIT).join() &&
    (own.nextCursor !== null) === theirs.ids.length > LIMIT &&
    own.matching.offers === theirs.offers &&
    own.matching.gpusFree === theirs.gpus;
  if (same) return;
  say(
    `the answers to ${JSON.stringify(one)} differ: ${JSON.stringify(own.matching)} and ${JSON.stringify(theirs).slice(0, 300)}`,
  );
  say(`conditions: ${JSON.stringify(conditionsOf(readQuery(one), index, NOW_MS))}`);
  process.exit(1);
}

/** Searches while offers change price and free GPUs, a tenth of a second's changes at a time. */
async function underChanges(): Promise<Latency> {
  const random = seededRandom(SEED + 1);
  const timer = setInterval(() => {
    for (let i = 0; i < CHANGES_A_SECOND / 10; i++) {
      const offer = offers[Math.floor(random() * offers.length)];
      if (offer === undefined) continue;
      const gpusFree = 1 + Math.floor(random() * offer.gpusTotal);
      index.put({ ...offer, gpusFree });
    }
    index.settle();
  }, 100);
  const latency = await callAtOnce(callers, searches, ask);
  clearInterval(timer);
  return latency;
}

function text({ peer, ...ours }: typeof result): string {
  const lines = [
    `${ours.offers} offers, ${ours.queries} queries, ${ours.callers} callers at once`,
    `ionet       p50 ${ours.p50Ms} ms, p99 ${ours.p99Ms} ms; ${ours.searchesPerSecond} searches a second`,
    `  while ${ours.whileChanging.offersChangedPerSecond} offers change a second: p50 ${ours.whileChanging.p50Ms} ms, p99 ${ours.whileChanging.p99Ms} ms`,
  ];
  if (peer === null) return [...lines, "no PostgreSQL server on this machine: no peer"].join("\n");
  return [
    ...lines,
    `${peer.name}  p50 ${peer.p50Ms} ms, p99 ${peer.p99Ms} ms; first page only: p50 ${peer.firstPageOnly.p50Ms} ms, p99 ${peer.firstPageOnly.p99Ms} ms`,
    "the answers are the same",
  ].join("\n");
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
