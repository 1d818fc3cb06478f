import { type Assembly, type Compared, type Comparison, type Cost, formatUnits } from "@ionet/protocol";
import { bar } from "./bar.ts";
import { priceText, roundToCents } from "./money-text.ts";
import { table } from "./table.ts";

const BAR = 12;

const money = (microUsd: bigint) => thousands(priceText(roundToCents(microUsd)));

/** $12345.60 → $12,345.60 */
const thousands = (text: string) => text.replace(/\d(?=(\d{3})+\.)/g, "$&,");

const costCells = ({ priceMicroUsdPerGpuHour, microUsdPerHour, microUsdPerDay, microUsdForJob }: Cost) => [
  `$${formatUnits(priceMicroUsdPerGpuHour, 6).replace(/(\.\d{4})\d+$/, "$1")}`,
  money(microUsdPerHour),
  money(microUsdPerDay),
  money(microUsdForJob),
];

/** A live price has the minute it was read. */
const dateOf = ({ asOf, old }: Compared) => `${asOf.slice(0, 16).replace("T", " ")}${old ? " old" : ""}`;

/** Where it can be hired, else where its price was read. */
const whereOf = ({ link, from, note }: Compared) => `${link ?? from}${note === "" ? "" : ` (${note})`}`;

/** `~`: rests on prices that are assumed. */
const about = (assumed: boolean, text: string) => (assumed ? `~${text}` : text);

function savedCells({ savedMicroUsd, savedBps, savedRestsOn }: Compared): string[] {
  if (savedMicroUsd === null || savedBps === null) return ["", ""];
  const sign = savedMicroUsd < 0n ? "-" : "";
  const size = savedMicroUsd < 0n ? -savedMicroUsd : savedMicroUsd;
  return [about(savedRestsOn !== "quotable", `${sign}${money(size)}`), `${Math.trunc(savedBps / 100)} %`];
}

/** A comparison: ours first, then everybody else's, cheapest first, by kind of price; what it rests on beneath. */
export function compareText(comparison: Comparison): string {
  const { network, interruptible, gpuModels, gpuCount, days, hoursPerDay } = comparison;
  const tiers = ["on_demand", "spot", "reserved_6mo", "reserved_1y", "reserved_3y"];
  const rows = [...comparison.rows].sort((a, b) => tiers.indexOf(a.tier) - tiers.indexOf(b.tier));
  const costs = [network.cost, interruptible?.cost, ...rows.map(({ cost }) => cost)];
  const most = costs.reduce(
    (max, cost) => (cost && cost.microUsdForJob > max ? cost.microUsdForJob : max),
    0n,
  );
  const barOf = (cost: Cost | null) => (cost === null ? "" : bar(cost.microUsdForJob, most, BAR));

  const ourRow = (own: Assembly, price: string) => [
    `ionet${own.simulated ? " (simulated GPUs)" : ""}${own.enough ? "" : " *"}`,
    own.gpuModel ?? (gpuModels.length === 1 ? (gpuModels[0] ?? "") : ""),
    price,
    ...(own.cost === null
      ? ["–", "–", "–", "–"]
      : costCells(own.cost).map((cell) => about(own.assumed !== null, cell))),
    barOf(own.cost),
    "",
    "",
    "now",
    own.enough ? "here" : "",
  ];
  return [
    `${gpuCount} × ${gpuModels.join(" or ")}, ${days} ${days === 1 ? "day" : "days"} of ${hoursPerDay} h`,
    "",
    table(
      [
        "",
        "GPU",
        "price",
        ">$/GPU-hour",
        ">$/hour",
        ">$/day",
        ">the job",
        "",
        ">saved",
        ">saved",
        "price of",
        "where (only ionet's can be booked here)",
      ],
      [
        ourRow(network, "on demand"),
        ...(interruptible === null ? [] : [ourRow(interruptible, "interruptible")]),
        ...rows.map((row) => [
          row.source === "catalogue" ? row.provider : `${row.provider} (live)`,
          row.gpuModel,
          row.tier.replace("_", " "),
          ...costCells(row.cost),
          barOf(row.cost),
          ...savedCells(row),
          dateOf(row),
          whereOf(row),
        ]),
      ],
    ),
    "",
    ...notesOf("ionet", network),
    ...(interruptible === null ? [] : notesOf("ionet, interruptible", interruptible)),
    ...oldText(comparison),
    ...comparison.failures.map(({ source, reason }) => `${source}: ${reason}`),
    savedText(comparison),
    "Only ionet's can be booked here. The others are what was listed on the day shown; look before you decide.",
  ].join("\n");
}

const notesOf = (name: string, { enough, note }: Assembly) => [`${enough ? "" : "* "}${name}: ${note}`];

function oldText({ oldPrices }: Comparison): string[] {
  if (oldPrices === null) return [];
  const { count, of, maxAgeDays, oldest } = oldPrices;
  return [
    `Warning: ${count} of ${of} prices ${count === 1 ? "is" : "are"} older than ${maxAgeDays} days ("old"); the oldest is of ${oldest}. Ask the provider.`,
  ];
}

/** Against what is saved, and whether that can be had. */
function savedText({ rows, network, interruptible }: Comparison): string {
  if (network.cost === null) return "Nothing is saved where nothing is offered.";
  const spot = rows.some(({ savedAgainst }) => savedAgainst === "interruptible");
  const against = spot
    ? "of spot prices against ionet's interruptible price, of others against its price on demand"
    : "against ionet's price on demand";
  const rests = [network, ...(spot ? [interruptible] : [])].some(
    (own) => own !== null && own.assumed !== null,
  )
    ? "~ rests partly on an assumed price, not on GPUs that can be had"
    : "it rests on GPUs that can be had now";
  return `Saved is for the job, ${against}; ${rests}.`;
}
