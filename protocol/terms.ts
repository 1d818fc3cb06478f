import { z } from "zod";
import type { MicroUsdPerGpuHour } from "./money.ts";
import { type Currency, countrySchema, currencySchema, offeredPriceSchema, textSchema } from "./wire.ts";

/** What one lease may last: a minute, which is the least that is billed, up to thirty days. Seconds. */
export const LEASE_SECONDS = { least: 60, most: 30 * 86_400 } as const;

export const weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Weekday = (typeof weekdays)[number];

const isTimeZone = (text: string): boolean => {
  try {
    new Intl.DateTimeFormat("en", { timeZone: text });
    return true;
  } catch {
    return false;
  }
};

/**
 * A time in which a node is for hire: on these days from `from` until `to` by the clocks of `timeZone`. It belongs to
 * the day on which it begins, and ends on the next one where `to` is not after `from`. A whole day is 00:00 to 24:00.
 */
export const windowSchema = z
  .strictObject({
    days: z.array(z.enum(weekdays)).min(1).max(7).meta({ uniqueItems: true }),
    from: z.string().regex(/^([01][0-9]|2[0-3]):[0-5][0-9]$/, "expected a time from 00:00 to 23:59"),
    to: z.string().regex(/^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$/, "expected a time from 00:00 to 24:00"),
    timeZone: textSchema(60, 1)
      .refine(isTimeZone, "expected a time zone like Europe/Berlin")
      .meta({ description: "by its IANA name", examples: ["Europe/Berlin"] }),
  })
  .check(({ value, issues }) => {
    if (value.from === value.to) {
      issues.push({
        code: "custom",
        input: value.to,
        path: ["to"],
        message: "expected another time than `from`; a whole day is 00:00 to 24:00",
      });
    }
    if (new Set(value.days).size !== value.days.length) {
      issues.push({ code: "custom", input: value.days, path: ["days"], message: "expected each day once" });
    }
  });
export type Window = z.infer<typeof windowSchema>;

const leaseSecondsSchema = z.number().int().min(LEASE_SECONDS.least).max(LEASE_SECONDS.most);
const windowsSchema = z.array(windowSchema).max(50);
/** What a supplier is paid in who says nothing about it; other currencies are for those who opt in. */
const USUAL_CURRENCIES: Currency[] = ["USDC", "SOL"];
const currenciesSchema = z.array(currencySchema).min(1).max(10);

type LeaseLimits = {
  priceMicroUsdPerGpuHour: MicroUsdPerGpuHour;
  interruptiblePriceMicroUsdPerGpuHour: MicroUsdPerGpuHour | null;
  minSeconds: number;
  maxSeconds: number;
};

/** What two fields of terms must be to each other. */
const fitting = ({ value, issues }: z.core.ParsePayload<LeaseLimits>): void => {
  const low = value.interruptiblePriceMicroUsdPerGpuHour;
  if (low !== null && low >= value.priceMicroUsdPerGpuHour) {
    issues.push({
      code: "custom",
      input: low.toString(),
      path: ["interruptiblePriceMicroUsdPerGpuHour"],
      message: `expected a price below priceMicroUsdPerGpuHour, ${value.priceMicroUsdPerGpuHour}`,
    });
  }
  if (value.minSeconds > value.maxSeconds) {
    issues.push({
      code: "custom",
      input: value.minSeconds,
      path: ["minSeconds"],
      message: `expected at most maxSeconds, ${value.maxSeconds}`,
    });
  }
};

/**
 * The terms at which a node can be hired. Those who say only a price and a country, as agents before these terms do,
 * get the defaults: any duration, always, in USDC or SOL, never reclaimed.
 */
export const termsSchema = z
  .object({
    priceMicroUsdPerGpuHour: offeredPriceSchema,
    interruptiblePriceMicroUsdPerGpuHour: offeredPriceSchema.nullable().default(null).meta({
      description: "lower, for leases that may be reclaimed with notice; null: none such",
    }),
    country: countrySchema,
    minSeconds: leaseSecondsSchema.default(LEASE_SECONDS.least),
    maxSeconds: leaseSecondsSchema.default(LEASE_SECONDS.most),
    windows: windowsSchema.default([]).meta({ description: "when it is for hire; none: always" }),
    currencies: currenciesSchema.default(USUAL_CURRENCIES),
  })
  .check(fitting);
export type Terms = z.infer<typeof termsSchema>;

/** Some terms, to be changed; what is not named stays. */
export const termsChangeSchema = z.strictObject({
  priceMicroUsdPerGpuHour: offeredPriceSchema.optional(),
  interruptiblePriceMicroUsdPerGpuHour: offeredPriceSchema.nullable().optional(),
  country: countrySchema.optional(),
  minSeconds: leaseSecondsSchema.optional(),
  maxSeconds: leaseSecondsSchema.optional(),
  windows: windowsSchema.optional(),
  currencies: currenciesSchema.optional(),
});
export type TermsChange = z.infer<typeof termsChangeSchema>;

/** The terms of who says a price and a country and no more. */
export const plainTerms = (said: Pick<Terms, "priceMicroUsdPerGpuHour" | "country">): Terms => ({
  interruptiblePriceMicroUsdPerGpuHour: null,
  minSeconds: LEASE_SECONDS.least,
  maxSeconds: LEASE_SECONDS.most,
  windows: [],
  currencies: USUAL_CURRENCIES,
  ...said,
});
