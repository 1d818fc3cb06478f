import {
  type BaseUnits,
  baseUnits,
  type ClusterId,
  type Currency,
  currencySchema,
  endpoints,
  formatUnits,
  type LeaseId,
  MAX_BUDGET,
  MAX_PRICE,
  MAX_TARIFF,
  type MicroUsdPerGpuHour,
  microUsdPerGpuHour,
  type NodeId,
  parseWindow,
  type Region,
  type RequestId,
  regionOf,
  regionSchema,
  type SupplierKind,
  supplierKindSchema,
  type Window,
} from "@ionet/protocol";
import { InvalidArgumentError } from "commander";
import { z } from "zod";
import { parsePrice } from "./money-text.ts";

/* What words on the command line mean. A wrong one is a usage error that says what is allowed. */

export function wholeNumber(least: number, most: number) {
  return (text: string): number => {
    const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (number >= least && number <= most) return number;
    throw new InvalidArgumentError(`Given ${text}; allowed is a whole number from ${least} to ${most}.`);
  };
}

/** "90s", "30m", "2h", "1d" as seconds. */
export function duration(text: string): number {
  const match = /^(\d{1,7})(s|m|min|h|d)?$/.exec(text);
  const units: Record<string, number> = { s: 1, m: 60, min: 60, h: 3600, d: 86_400 };
  const seconds = match ? Number(match[1]) * (units[match[2] ?? "h"] ?? 3600) : Number.NaN;
  if (seconds >= 60 && seconds <= 30 * 86_400) return seconds;
  throw new InvalidArgumentError(`Given ${text}; allowed is 60s to 30d, like 90s, 30m, 2h or 1d.`);
}

/** A price that is offered, or at most paid: the network takes it within limits. */
export function offeredPrice(text: string): MicroUsdPerGpuHour {
  const amount = parsePrice(text);
  if (amount !== null && amount > 0n && amount <= MAX_PRICE) return microUsdPerGpuHour(amount);
  throw new InvalidArgumentError(
    `Given ${text}; allowed are US dollars per GPU-hour, like 0.50: above 0, at most ${formatUnits(MAX_PRICE, 6)}.`,
  );
}

export function budget(text: string): BaseUnits {
  const amount = parsePrice(text);
  if (amount !== null && amount > 0n && amount <= MAX_BUDGET) return baseUnits(amount);
  throw new InvalidArgumentError(
    `Given ${text}; allowed are US dollars for the whole time, like 25.00: above 0, at most ${formatUnits(MAX_BUDGET, 6)}.`,
  );
}

/** What a kilowatt-hour costs, in micro-USD. */
export function tariff(text: string): number {
  const perKwh = parsePrice(text);
  if (perKwh !== null && perKwh <= MAX_TARIFF) return Number(perKwh);
  throw new InvalidArgumentError(
    `Given ${text}; allowed are US dollars per kWh, like 0.08: from 0 to ${formatUnits(BigInt(MAX_TARIFF), 6)}.`,
  );
}

export function regions(text: string): Region[] {
  return text
    .toLowerCase()
    .split(",")
    .map((region) => {
      const read = regionSchema.safeParse(region);
      if (read.success) return read.data;
      throw new InvalidArgumentError(`Given ${region}; allowed: ${regionSchema.options.join(", ")}.`);
    });
}

export function countries(text: string): string[] {
  const given = text.toUpperCase().split(",");
  const unknown = given.find((code) => regionOf(code) === undefined);
  if (unknown === undefined) return given;
  // Who gave one word sees it as it was typed.
  const shown = given.length === 1 ? text : unknown;
  throw new InvalidArgumentError(`Given ${shown}; allowed are country codes with commas, like DE,NO.`);
}

export function supplierKinds(text: string): SupplierKind[] {
  return text.split(",").map((kind) => {
    const read = supplierKindSchema.safeParse(kind);
    if (read.success) return read.data;
    throw new InvalidArgumentError(`Given ${kind}; allowed: ${supplierKindSchema.options.join(", ")}.`);
  });
}

export function clusterId(text: string): ClusterId {
  const read = endpoints.getCluster.params.shape.clusterId.safeParse(text);
  if (read.success) return read.data;
  throw new InvalidArgumentError(
    `Given ${text}; allowed is a cluster's id, like clu_… (see \`ionet clusters\`).`,
  );
}

export function nodeId(text: string): NodeId {
  const read = endpoints.getNode.params.shape.nodeId.safeParse(text);
  if (read.success) return read.data;
  throw new InvalidArgumentError(`Given ${text}; allowed is a node's id, like nod_… (see \`ionet nodes\`).`);
}

export function leaseId(text: string): LeaseId {
  const read = endpoints.reclaimLease.params.shape.leaseId.safeParse(text);
  if (read.success) return read.data;
  throw new InvalidArgumentError(
    `Given ${text}; allowed is a lease's id, like lea_… (see \`ionet agent leases\`).`,
  );
}

/** One more window beside those given before. */
export function windows(text: string, before: Window[] | undefined): Window[] {
  const read = parseWindow(text);
  if ("window" in read) return [...(before ?? []), read.window];
  throw new InvalidArgumentError(`Given ${text}; ${read.wrong}.`);
}

export function currencies(text: string): Currency[] {
  return text.split(",").map((currency) => {
    const read = currencySchema.safeParse(currency.toUpperCase());
    if (read.success) return read.data;
    throw new InvalidArgumentError(`Given ${currency}; allowed: ${currencySchema.options.join(", ")}.`);
  });
}

/** "0.6" or "60%" as hundredths of a percent. */
export function share(text: string): number {
  const match = /^(\d{1,3}(?:\.\d{1,4})?)(%)?$/.exec(text.trim());
  const bps = match ? Math.round(Number(match[1]) * (match[2] === undefined ? 10_000 : 100)) : Number.NaN;
  if (bps >= 0 && bps <= 10_000) return bps;
  throw new InvalidArgumentError(`Given ${text}; allowed is a share from 0 to 1, like 0.6, or 60%.`);
}

/** "usdc" or "sol": what an escrow is paid in. */
export function payIn(text: string): Currency {
  const read = currencySchema.safeParse(text.toUpperCase());
  if (read.success) return read.data;
  throw new InvalidArgumentError(
    `Given ${text}; allowed: ${currencySchema.options.map((one) => one.toLowerCase()).join(", ")}.`,
  );
}

/** "2026-11-23 18:00" by this machine's clock, or with a zone as RFC 3339 has it. */
export function moment(text: string): Date {
  const local = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}(?::\d{2})?)$/.exec(text.trim());
  const zoned = z.iso.datetime({ offset: true }).safeParse(text.trim());
  const read = local ? new Date(`${local[1]}T${local[2]}`) : zoned.success ? new Date(zoned.data) : null;
  if (read !== null && !Number.isNaN(read.getTime())) return read;
  throw new InvalidArgumentError(
    `Given ${text}; allowed is a time like '2026-11-23 18:00' (this machine's clock) or 2026-11-23T18:00:00Z.`,
  );
}

export function requestId(text: string): RequestId {
  const read = endpoints.getRequest.params.shape.requestId.safeParse(text);
  if (read.success) return read.data;
  throw new InvalidArgumentError(
    `Given ${text}; allowed is a request's id, like req_… (see \`ionet requests\`).`,
  );
}
