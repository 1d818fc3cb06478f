import { type GpuModel, gpuModel } from "@ionet/protocol";
import { z } from "zod";
import { readTable, usdCell } from "./read-table.ts";

const orNothing = <Schema extends z.ZodType>(schema: Schema) =>
  z.union([z.literal("").transform(() => null), schema]);

/** What mining brings with a card, or at least how fast it hashes: as printed at its source. */
const rowSchema = z
  .strictObject({
    gpuModel: z.string(),
    algorithm: z.string(),
    coin: z.string(),
    hashrate: z.string(),
    powerWatts: orNothing(z.coerce.number().positive()),
    usdPerDay: orNothing(usdCell),
    period: z.string().min(4),
    basis: z.enum(["measured", "published", "claimed", "table"]),
    source: z.string().min(1),
  })
  .transform(({ usdPerDay, ...row }) => ({ ...row, microUsdPerDay: usdPerDay }));
export type MiningRow = z.output<typeof rowSchema>;

/** The dated catalogue of mining revenue. */
export const miningRows: readonly MiningRow[] = readTable("mining.csv", rowSchema);

/** What mining brings a day, before electricity, and how that is known. */
export type MiningRevenue = {
  microUsdPerDay: bigint;
  watts: number;
  wattsKnown: boolean;
  basis: "measured" | "published" | "claimed" | "estimated";
  period: string;
  source: string;
};

const trust = ["measured", "published", "claimed"] as const;

/** Ethereum, which paid most of this before its Merge in September 2022, can't be mined any more. */
const canStillBeMined = (row: MiningRow) => row.coin !== "ETH";

/** The yardstick of the estimates: the measured card of the catalogue whose coin can still be mined. */
const yardstick = "rtx-3090";

/**
 * What a card earns by mining: the best printed figure there is (measured, else published, else claimed); else estimated
 * from memory bandwidth, which limits what is mined today, by the measured RTX 3090. Power: as printed, else the limit.
 */
export function miningRevenueOf(model: GpuModel): MiningRevenue {
  const printed = miningRows
    .filter((row) => row.gpuModel === model.id && canStillBeMined(row))
    .flatMap((row) => {
      const basis = trust.find((word) => word === row.basis);
      return row.microUsdPerDay === null || basis === undefined
        ? []
        : [{ ...row, basis, microUsdPerDay: row.microUsdPerDay }];
    })
    .sort((a, b) => {
      if (a.basis !== b.basis) return trust.indexOf(a.basis) - trust.indexOf(b.basis);
      return a.microUsdPerDay === b.microUsdPerDay ? 0 : a.microUsdPerDay > b.microUsdPerDay ? -1 : 1;
    });
  const [best] = printed;
  if (best !== undefined) {
    const { microUsdPerDay, powerWatts, basis, period, source } = best;
    return {
      microUsdPerDay,
      watts: powerWatts ?? model.tdpWatts,
      wattsKnown: powerWatts !== null,
      basis,
      period,
      source,
    };
  }
  const measured = gpuModel(yardstick);
  if (measured === undefined || model.id === yardstick)
    throw new Error("the catalogue has lost its yardstick");
  const known = miningRevenueOf(measured);
  const share = BigInt(Math.round((model.memoryBandwidthGbS / measured.memoryBandwidthGbS) * 1000));
  return {
    ...known,
    microUsdPerDay: (known.microUsdPerDay * share) / 1000n,
    watts: model.tdpWatts,
    wattsKnown: false,
    basis: "estimated",
    source: `${measured.name}'s by memory bandwidth (${known.source})`,
  };
}
