import { type CloudPrice, formatUnits, type Offer, type Quote } from "@ionet/protocol";
import { amountText, dollarsOf, priceText, rateText, roundToCents, solPriceText } from "./money-text.ts";
import { short, table } from "./table.ts";

const simulatedMark = (simulated: boolean) => (simulated ? "simulated" : "real");

/** Offers as a table, cheapest first as they came. */
export function offersText(offers: readonly Offer[]): string {
  if (offers.length === 0) return "Nothing is for hire just now.";
  return table(
    ["GPU", ">free", ">$/GPU-hour", "supplier", "kind", "country", "GPUs are", "sandbox", "Ray's network"],
    offers.map((offer) => [
      offer.gpuModel,
      `${offer.gpusFree}/${offer.gpusTotal}`,
      priceText(offer.priceMicroUsdPerGpuHour),
      short(offer.supplier),
      offer.supplierKind,
      offer.country,
      simulatedMark(offer.simulated),
      offer.sandbox,
      offer.confinement,
    ]),
  );
}

/** A quote: its leases, the whole, and what clouds ask for the same. */
export function quoteText(quote: Quote): string {
  const gpus = quote.leases.reduce((count, lease) => count + lease.gpus.length, 0);
  const { currency } = quote.demand;
  const hourly = dollarsOf(quote.ratePerHour, quote.solPrice);
  const beside =
    quote.solPrice === null ? "" : ` (${priceText(dollarsOf(quote.deposit, quote.solPrice))} at this price)`;
  const hour = table(
    [
      "supplier",
      "kind",
      "country",
      "GPU",
      ">GPUs",
      "GPUs are",
      ">$/GPU-hour",
      currency === "USDC" ? ">$/hour" : `>${currency}/hour`,
    ],
    quote.leases.map((lease) => [
      short(lease.supplier),
      lease.supplierKind,
      lease.country,
      lease.gpuModel,
      String(lease.gpus.length),
      simulatedMark(lease.simulated),
      priceText(lease.priceMicroUsdPerGpuHour),
      rateText(lease.ratePerHour, currency),
    ]),
  );
  const suppliers = new Set(quote.leases.map((lease) => lease.supplier)).size;
  return [
    hour,
    "",
    `${gpus} GPUs of ${suppliers} suppliers: ${priceText(hourly)} an hour; deposit ${amountText(quote.deposit, currency)}${beside} for ${durationText(quote.demand.durationSeconds)}, what is not used returns`,
    ...(quote.demand.interruptible === true
      ? ["interruptible: a supplier may take its node back with 120 s notice, and is paid until then"]
      : []),
    `fee ${formatUnits(BigInt(quote.feeBps), 2)} %, out of the suppliers' payout, not on top of the price`,
    ...(quote.solPrice === null ? [] : [solPriceText(quote.solPrice)]),
    ...(quote.clouds.length === 0 ? [] : ["", cloudsText(quote.clouds, hourly, gpus)]),
    "A supplier's root user can read what runs on that machine: send no secret that must not be seen there.",
  ].join("\n");
}

/** The same number of GPUs at clouds, with each price's date and source. */
export function cloudsText(clouds: readonly CloudPrice[], ratePerHour: bigint, gpus: number): string {
  return table(
    ["the same at", ">$/GPU-hour", ">$/hour", ">saved", "price of", "source"],
    clouds.map((cloud) => {
      const hour = cloud.priceMicroUsdPerGpuHour * BigInt(gpus);
      return [
        cloud.provider,
        priceText(roundToCents(cloud.priceMicroUsdPerGpuHour)),
        priceText(roundToCents(hour)),
        savedText(hour, ratePerHour),
        cloud.asOf,
        cloud.source,
      ];
    }),
  );
}

/** What is saved against a higher price, in whole percent: "92 %"; a dash when nothing is. */
export const savedText = (theirs: bigint, ours: bigint): string =>
  theirs <= ours ? "–" : `${((theirs - ours) * 100n) / theirs} %`;

/** Seconds as people say them: "1 h", "1 h 30 min", "45 s". */
export function durationText(seconds: number): string {
  const parts = [
    [Math.floor(seconds / 3600), "h"],
    [Math.floor((seconds % 3600) / 60), "min"],
    [seconds % 60, "s"],
  ] as const;
  const shown = parts.filter(([count]) => count > 0).map(([count, unit]) => `${count} ${unit}`);
  return shown.length === 0 ? "0 s" : shown.join(" ");
}
