import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type Condition,
  conditionsOf,
  distancesFrom,
  numberNames,
  numberOf,
  type OfferIndex,
  offerId,
  orderOf,
  UNKNOWN,
  type WordName,
  wordNames,
  wordOf,
} from "@ionet/offer-index";
import { type Offer, type Query, readOrder } from "@ionet/protocol";
import pg from "pg";

/*
 * The same offers in a table of a PostgreSQL server, the same searches as SQL. Every column is what our index keeps of it,
 * so that both compare and sort the same values.
 */

export const PEER = "PostgreSQL with indexes";

const column = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const sortColumns: Record<string, string> = {
  price: "price",
  "price/tflop": "price_per_tflop",
  interruptible_price: "interruptible_price",
  reliability: "reliability_lower_bound",
  vram: "vram_mib",
  tflops: "milli_tflops",
};

/** For each way to search first, an index that also gives the order; what is asked for seldom is left to filters. */
const indexes = [
  "(price, id)",
  "(price_per_tflop, price, id)",
  "(interruptible_price, price, id)",
  "(reliability_lower_bound desc nulls last, price, id)",
  "(milli_tflops desc nulls last, price, id)",
  "(vram_mib desc nulls last, price, id)",
  "(gpu_model, price, id)",
  "(gpu_model, price_per_tflop, price, id)",
  "(gpu_model, interruptible_price, price, id)",
  "(gpu_model, reliability_lower_bound desc nulls last, price, id)",
  "(gpu_model, country, price, id)",
  "(gpu_model, region, price, id)",
  "(country, price, id)",
  "(country, reliability_lower_bound desc nulls last, price, id)",
  "(region, price, id)",
  "(gpu_model, gpus_free, price, id)",
  "(supplier, price, id)",
  "(vram_mib, price, id)",
  "(price, id) where verified = 'true'",
];

/** Fills the table, through a file that the server reads. `folder` must be readable to the server. */
export async function fillPeer(url: string, offers: readonly Offer[], folder: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const columns = [
    'id text collate "C" primary key',
    "supplier text not null",
    "node text not null",
    ...wordNames.map((name) => `${column(name)} text collate "C"`),
    ...numberNames.map((name) => `${column(name)} bigint`),
  ];
  await client.query(`create table offers (${columns.join(", ")})`);
  const slice = 100_000;
  for (let from = 0; from < offers.length; from += slice) {
    const lines = offers
      .slice(from, from + slice)
      .map((offer) =>
        [
          offerId(offer),
          offer.supplier,
          offer.nodeId,
          ...wordNames.map((name) => wordOf(name, offer) ?? "\\N"),
          ...numberNames.map((name) => (numberOf(name, offer) === UNKNOWN ? "\\N" : numberOf(name, offer))),
        ].join("\t"),
      );
    const file = join(folder, "offers.tsv");
    writeFileSync(file, `${lines.join("\n")}\n`, { mode: 0o644 });
    await client.query(`copy offers from '${file}'`);
  }
  for (const index of indexes) await client.query(`create index on offers ${index}`);
  await client.query("vacuum (analyze) offers");
  await client.end();
}

/** Connections for so many callers at once, with what helps these queries most on a machine that they share. */
export function openPeer(url: string, callers: number): pg.Pool {
  const options = "-c jit=off -c work_mem=64MB -c random_page_cost=1.1 -c max_parallel_workers_per_gather=0";
  const pool = new pg.Pool({ connectionString: url, max: callers, min: callers, options });
  // Connections may still be on their way to their end when the server is stopped; a broken query fails by itself.
  return pool.on("error", () => {});
}

/** A search as two statements: the first page, and how much there is in all. */
export function peerSql(index: OfferIndex, query: Query, nowMs: number): { page: string; totals: string } {
  const where = conditionsOf(query, index, nowMs).map((condition) => conditionSql(index, condition));
  const filter = where.length === 0 ? "" : ` where ${where.join(" and ")}`;
  return {
    page: `select id from offers${filter} order by ${orderSql(query)}`,
    totals: `select count(*)::int as offers, coalesce(sum(gpus_free), 0)::int as gpus from offers${filter}`,
  };
}

function orderSql(query: Query): string {
  const { key, falling } = readOrder(orderOf(query));
  if (key === "nearness") {
    const near = [...distancesFrom(query.near ?? "")].map(([country, km]) => `when '${country}' then ${km}`);
    return `case country ${near.join(" ")} end, price, id`;
  }
  return `${sortColumns[key] ?? key} ${falling ? "desc nulls last" : "asc nulls last"}, price, id`;
}

function conditionSql(index: OfferIndex, condition: Condition): string {
  if (condition.kind === "number") {
    const { least, most } = condition;
    return `${column(condition.column)} between ${least} and ${most}`;
  }
  const list = (words: readonly string[]) => words.map((word) => `'${word}'`).join(", ");
  if (condition.kind === "names") {
    const name = condition.column === "suppliers" ? "supplier" : "node";
    return `${name} ${condition.negated ? "not in" : "in"} (${list(condition.names)})`;
  }
  return wordSql(index, condition.column, condition.fits);
}

/** As few words as say it: those that fit, or those that don't. */
function wordSql(index: OfferIndex, name: WordName, fits: (word: string) => boolean): string {
  const words = index.words[name].words;
  const [yes, no] = [words.filter(fits), words.filter((word) => !fits(word))];
  const list = (some: readonly string[]) => some.map((word) => `'${word}'`).join(", ");
  if (yes.length === 0) return "false";
  if (yes.length === 1) return `${column(name)} = ${list(yes)}`;
  if (no.length > 0 && no.length < yes.length) return `${column(name)} not in (${list(no)})`;
  return `${column(name)} in (${list(yes)})`;
}
