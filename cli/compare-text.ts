import { type Compared, type Comparison, type Cost, formatUnits } from "@ionet/protocol";
import { priceText, roundToCents } from "./money-text.ts";
import { table } from "./table.ts";

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

const readAt = ({ from, note }: Compared) => (note === "" ? from : `${from} (${note})`);

function savedCells({ savedMicroUsd, savedBps }: Compared): string[] {
  if (savedMicroUsd === null || savedBps === null) return ["", ""];
  const sign = savedMicroUsd < 0n ? "-" : "";
  const size = savedMicroUsd < 0n ? -savedMicroUsd : savedMicroUsd;
  return [`${sign}${money(size)}`, `${Math.trunc(savedBps / 100)} %`];
}

/** A comparison: ours first, then everybody else's, cheapest first, by kind of price. */
export function compareText(comparison: Comparison): string {
  const { network, gpuModels, gpuCount, days, hoursPerDay } = comparison;
  const ours = network.cost === null ? ["–", "–", "–", "–"] : costCells(network.cost);
  const tiers = ["on_demand", "spot", "reserved_6mo", "reserved_1y", "reserved_3y"];
  const rows = [...comparison.rows].sort((a, b) => tiers.indexOf(a.tier) - tiers.indexOf(b.tier));
  const name = `ionet${network.simulated ? " (simulated GPUs)" : ""}${network.enough ? "" : " *"}`;
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
        ">saved",
        ">saved",
        "price of",
        "read at",
      ],
      [
        [
          name,
          gpuModels.length === 1 ? (gpuModels[0] ?? "") : "",
          "on demand",
          ...ours,
          "",
          "",
          "now",
          network.note,
        ],
        ...rows.map((row) => [
          row.source === "catalogue" ? row.provider : `${row.provider} (live)`,
          row.gpuModel,
          row.tier.replace("_", " "),
          ...costCells(row.cost),
          ...savedCells(row),
          dateOf(row),
          readAt(row),
        ]),
      ],
    ),
    "",
    ...(network.enough ? [] : [`* ${network.note}`]),
    ...comparison.failures.map(({ source, reason }) => `${source}: ${reason}`),
    "Only the first line can be booked here. The others are what was listed on the day shown; look before you decide.",
    'Saved is for the job. "old": ask the provider; prices are dated, none is live unless it says so.',
  ].join("\n");
}
