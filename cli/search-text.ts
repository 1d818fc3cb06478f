import { type Answer, fields, type Offer, otherWords, sortKeyNames } from "@ionet/protocol";
import { listingsTable } from "./listings-table.ts";
import { priceText } from "./money-text.ts";
import { short, table } from "./table.ts";

/** What a search found, as a table; what is missing and why; how to go on. */
export function searchText({
  items,
  nextCursor,
  matching,
  shortage,
  listed,
}: Answer<"searchOffers">): string {
  const counts = `${matching.offers} offer${matching.offers === 1 ? "" : "s"} with ${matching.gpusFree} free GPU${matching.gpusFree === 1 ? "" : "s"}`;
  return [
    ...(items.length > 0
      ? [offersTable(items), "", counts]
      : // Who asked others only was not told anything of what is for hire here.
        shortage === null && listed !== null
        ? []
        : ["Nothing like this is for hire just now."]),
    ...(shortage === null ? [] : [`too few: ${shortage.advice}`]),
    ...(shortage === null || shortage.conditions.length < 2 ? [] : ["", conditionsTable(shortage)]),
    ...(listed === null ? [] : [...(items.length > 0 || shortage !== null ? [""] : []), listedText(listed)]),
    ...(nextCursor === null ? [] : [`more: the same with --cursor ${nextCursor}`]),
  ].join("\n");
}

/** What others list: never bookable here. */
function listedText({ items, matching, unchecked, failures }: NonNullable<Answer<"searchOffers">["listed"]>) {
  return [
    `listed elsewhere, not bookable here (${items.length} of ${matching}, cheapest first):`,
    ...(items.length === 0 ? [] : [listingsTable(items)]),
    ...(unchecked.length === 0 ? [] : [`not known of these, so not asked of them: ${unchecked.join(", ")}`]),
    ...failures.map(({ source, reason }) => `${source}: ${reason}`),
  ].join("\n");
}

const offersTable = (offers: readonly Offer[]): string =>
  table(
    [
      "GPU",
      ">GB",
      ">free",
      ">$/GPU-hour",
      ">interruptible",
      "country",
      "supplier",
      "kind",
      ">reliable",
      "verified",
      "GPUs are",
      "sandbox",
      "Ray's network",
    ],
    offers.map((offer) => [
      offer.gpuModel,
      String(Math.round(offer.vramMib / 1024)),
      `${offer.gpusFree}/${offer.gpusTotal}`,
      priceText(offer.priceMicroUsdPerGpuHour),
      offer.interruptiblePriceMicroUsdPerGpuHour === null
        ? "–"
        : priceText(offer.interruptiblePriceMicroUsdPerGpuHour),
      offer.country,
      offer.bookable ? short(offer.supplier) : `${offer.source} (listed only)`,
      offer.supplierKind,
      reliabilityText(offer.reliability),
      offer.verified ? "yes" : "no",
      offer.simulated ? "simulated" : "real",
      offer.sandbox,
      offer.confinement,
    ]),
  );

/** A share says little without how long it was measured. */
const reliabilityText = ({ share, hiredHours }: Offer["reliability"]): string =>
  hiredHours === 0
    ? "no history"
    : `${(Math.floor(share * 1000) / 10).toFixed(1)} % of ${Math.floor(hiredHours)} h`;

function conditionsTable(shortage: NonNullable<Answer<"searchOffers">["shortage"]>): string {
  return table(
    ["without", ">offers", ">GPUs", "or with", ">GPUs"],
    shortage.conditions.map(({ condition, withoutIt, relaxed }) => [
      condition,
      String(withoutIt.offers),
      String(withoutIt.gpusFree),
      relaxed === null ? "–" : relaxed.condition,
      relaxed === null ? "–" : String(relaxed.supply.gpusFree),
    ]),
  );
}

/** All words of the query language, for `ionet search --help`. */
export function queryHelp(): string {
  const operators = {
    words: "= != in",
    number: "= < <= > >=",
    amount: "=",
    word: "=",
    flag: "alone, or after !",
  };
  const rows = fields.map((field) => [field.name, operators[field.kind], field.means, allowedText(field)]);
  return [
    table(["word", "compared with", "means", "for example"], rows),
    `Sort by ${sortKeyNames.join(", ")}: best first; -KEY highest value first, +KEY lowest value first.`,
    othersHelp(),
  ].join("\n\n");
}

/** The words of other tools: those that are understood, and those that are answered with the word to write instead. */
function othersHelp(): string {
  const aliases = fields.filter(({ aliases }) => aliases.length > 0);
  const understood = otherWords.filter(({ kind }) => kind !== "refused");
  const told = otherWords.filter(({ kind }) => kind === "refused").flatMap(({ words }) => words);
  const rows = [
    ...aliases.map(({ name, aliases }) => [aliases.join(", "), name]),
    ...understood.map(({ words, means }) => [words.join(", "), means]),
  ];
  return [
    "Words of other tools (Vast.ai, SkyPilot, dstack, RunPod) that are understood, also with notin, nin, eq, gte, =any,",
    "bounds like 4+ or 24GB..80GB, and models as they write them (RTX_4090, H100_SXM, RTX PRO 6000 S):",
    "",
    table(["word", "means here"], rows),
    "",
    `What these are here is said when they are typed: ${told.join(", ")}.`,
  ].join("\n");
}

function allowedText(field: (typeof fields)[number]): string {
  if (field.kind === "flag") return field.name;
  const allowed =
    field.kind === "number" || field.kind === "amount" ? field.unit.allowed : field.word.allowed;
  return field.name === "sort" ? "price, -reliability" : allowed;
}
