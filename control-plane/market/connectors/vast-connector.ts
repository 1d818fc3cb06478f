import type { Clock } from "@ionet/machine";
import { canonicalGpuModel, gpuModel, parseUnits } from "@ionet/protocol";
import { z } from "zod";
import { type CachePolicy, cachedInventory } from "./cached-inventory.ts";
import type { InventoryConnector, Listing } from "./inventory-connector.ts";
import { readBoundedJson } from "./read-bounded.ts";

/*
 * Vast.ai's search of machines that are for hire: GET {url}/api/v0/bundles/?q={JSON}, answered with {"offers": […]}.
 * Prices are dollars an hour for all of an offer's GPUs. Documented at https://docs.vast.ai (search offers).
 */

const TIMEOUT_MS = 5_000;
const MAX_BYTES = 16 * 1024 * 1024;
const LINK = "https://cloud.vast.ai/";

/** What is asked: machines that can be had, of hosts that Vast.ai has checked, cheapest first. */
const question = {
  rentable: { eq: true },
  verified: { eq: true },
  external: { eq: false },
  type: "on-demand",
  order: [["dph_total", "asc"]],
  limit: 2000,
};

const answerSchema = z.object({ offers: z.array(z.unknown()).max(10_000) });

/** What is used of an offer; it has dozens of fields more. */
const offerSchema = z.object({
  id: z.number().int(),
  gpu_name: z.string().min(1).max(100),
  num_gpus: z.number().int().min(1).max(64),
  gpu_ram: z.number().positive().meta({ description: "MB of one GPU" }),
  dph_total: z.number().positive().max(100_000),
  min_bid: z.number().positive().max(100_000).nullish(),
  geolocation: z.string().max(200).nullish(),
  rentable: z.boolean().optional(),
});

/**
 * Dollars of somebody else's JSON, which has floats only, as whole micro-USD: by their decimal text, cut after six places.
 * Null for what is too small or too large to be a price.
 */
function microUsdOf(dollars: number): bigint | null {
  const [text = ""] = /^\d{1,9}(?:\.\d{1,6})?/.exec(String(dollars)) ?? [];
  if (/e/i.test(String(dollars))) return null;
  const amount = parseUnits(text, 6);
  return amount === null || amount === 0n ? null : amount;
}

/** Terminals show it: letters, digits and plain marks only. */
const plainText = (text: string) => text.replace(/[^\p{L}\p{N} .,()-]/gu, "").replace(/^[ ,]+/, "");

/** The listings of one offer: on demand, and the least bid where one is taken. None when it can't be read or is no GPU of ours. */
function listingsOf(raw: unknown, readAt: string): Listing[] {
  const read = offerSchema.safeParse(raw);
  if (!read.success || read.data.rentable === false) return [];
  const offer = read.data;
  const model = gpuModel(canonicalGpuModel(offer.gpu_name, offer.gpu_ram));
  if (model === undefined) return [];
  const listing = {
    source: "vast.ai",
    provider: "Vast.ai",
    gpuModel: model.id,
    gpus: offer.num_gpus,
    hours: 1,
    gpusFree: offer.num_gpus,
    region: plainText(offer.geolocation ?? "") || "not told",
    date: readAt,
    from: `offer ${offer.id}`,
    link: LINK,
    bookable: false,
    simulated: false,
  };
  const onDemand = microUsdOf(offer.dph_total);
  const bid = offer.min_bid == null ? null : microUsdOf(offer.min_bid);
  const machine = `a machine of ${offer.num_gpus}`;
  return [
    ...(onDemand === null
      ? []
      : [{ ...listing, tier: "on_demand" as const, microUsd: onDemand, note: machine }]),
    ...(bid === null
      ? []
      : [{ ...listing, tier: "spot" as const, microUsd: bid, note: `least bid, ${machine}` }]),
  ];
}

/** Vast.ai's public offers, live. Reads the whole list at most every few minutes; what can't be read is left out. */
export function vastConnector(url: string, clock: Clock, patience?: CachePolicy): InventoryConnector {
  const target = new URL("api/v0/bundles/", url.endsWith("/") ? url : `${url}/`);
  target.searchParams.set("q", JSON.stringify(question));
  return cachedInventory(
    "vast.ai",
    clock,
    async () => {
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const answer = await readBoundedJson(await ask(target, signal), MAX_BYTES).catch((error: unknown) => {
        throw signal.aborted ? new Error(`it did not answer within ${TIMEOUT_MS / 1000} s`) : error;
      });
      const read = answerSchema.safeParse(answer);
      if (!read.success) throw new Error("its answer is not in the documented form");
      const readAt = new Date(clock.now()).toISOString();
      return read.data.offers.flatMap((offer) => listingsOf(offer, readAt));
    },
    patience,
  );
}

async function ask(target: URL, signal: AbortSignal): Promise<Response> {
  try {
    return await fetch(target, { signal, redirect: "error", headers: { accept: "application/json" } });
  } catch {
    throw new Error(
      signal.aborted ? `it did not answer within ${TIMEOUT_MS / 1000} s` : "it can't be reached",
    );
  }
}
