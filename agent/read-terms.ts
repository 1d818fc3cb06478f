import { formatUnits, MAX_PRICE, parseUnits, parseWindow, type Terms, termsSchema } from "@ionet/protocol";
import { z } from "zod";
import { type AgentProblem, agentProblem } from "./identity/agent-problem.ts";

/** The options that name terms, as they were given. */
export type TermsOptions = {
  price?: string | undefined;
  "interruptible-price"?: string | undefined;
  country?: string | undefined;
  "min-duration"?: string | undefined;
  "max-duration"?: string | undefined;
  window?: string[] | undefined;
  currency?: string[] | undefined;
};

/** Which option a field of the terms comes from. */
const optionOf: Readonly<Record<string, string>> = {
  priceMicroUsdPerGpuHour: "--price",
  interruptiblePriceMicroUsdPerGpuHour: "--interruptible-price",
  country: "--country",
  minSeconds: "--min-duration",
  maxSeconds: "--max-duration",
  windows: "--window",
  currencies: "--currency",
};

/**
 * The terms that a supplier names on the agent's command line; null without a price: the agent then says nothing of
 * terms. Throws `option-invalid`, naming the option.
 */
export function readTerms(given: TermsOptions): Terms | null {
  const { price, country } = given;
  if (price === undefined) {
    // The country may come from the environment, for whatever price is named one day.
    const others = Object.values(optionOf).filter((option) => option !== "--country");
    const other = others.find((option) => shown(given, option) !== undefined);
    if (other === undefined) return null;
    throw invalid("--price", "nothing", `a price beside ${other}: dollars per GPU-hour, like 0.40`);
  }
  const priceMicroUsdPerGpuHour = readPrice("--price", price);
  if (country === undefined) throw invalid("--country", "nothing", "a country code like DE");
  const low = given["interruptible-price"];
  const wire = {
    priceMicroUsdPerGpuHour,
    ...(low === undefined
      ? {}
      : { interruptiblePriceMicroUsdPerGpuHour: readPrice("--interruptible-price", low) }),
    country,
    ...seconds("minSeconds", "--min-duration", given["min-duration"]),
    ...seconds("maxSeconds", "--max-duration", given["max-duration"]),
    windows: (given.window ?? []).map(readWindow),
    ...(given.currency === undefined ? {} : { currencies: given.currency.flatMap((one) => one.split(",")) }),
  };
  const read = z.safeDecode(termsSchema, wire as z.input<typeof termsSchema>);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const field = String(issue?.path[0] ?? "");
  const option = optionOf[field] ?? "terms";
  throw invalid(
    option,
    shown(given, option) ?? "nothing",
    issue?.message.replace(/^expected /, "") ?? "other terms",
  );
}

const shown = (given: TermsOptions, option: string): string | undefined =>
  Object.entries(given)
    .find(([name]) => `--${name}` === option)?.[1]
    ?.toString();

function readPrice(option: string, text: string): string {
  const micro = parseUnits(text, 6);
  if (micro !== null && micro > 0n && micro <= MAX_PRICE) return micro.toString();
  throw invalid(
    option,
    text,
    `dollars per GPU-hour, like 0.40: above 0, at most ${formatUnits(MAX_PRICE, 6)}, no more than six decimals`,
  );
}

function seconds(field: "minSeconds" | "maxSeconds", option: string, text: string | undefined) {
  if (text === undefined) return {};
  const [, count = "", unit = ""] = /^(\d{1,7})(s|m|h|d)$/.exec(text) ?? [];
  const perUnit = { s: 1, m: 60, h: 3600, d: 86_400 }[unit];
  if (perUnit === undefined) throw invalid(option, text, "a time from 60s to 30d, like 90s, 30m, 2h or 1d");
  return { [field]: Number(count) * perUnit };
}

function readWindow(text: string) {
  const read = parseWindow(text);
  if ("wrong" in read) throw invalid("--window", text, read.wrong.replace(/^expected /, ""));
  return read.window;
}

const invalid = (field: string, given: string, allowed: string): AgentProblem =>
  agentProblem("option-invalid", { field, given, allowed, next: "Run it with --help to see all options." });
