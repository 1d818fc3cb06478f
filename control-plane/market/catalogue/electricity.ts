import { editDistance, problem } from "@ionet/protocol";
import { z } from "zod";
import { periodEndMs } from "./age.ts";
import { periodCell, readTable, usdCell } from "./read-table.ts";

/** What a kilowatt-hour costs a kind of customer in a country or one of the United States (`US-TX`). */
const rowSchema = z
  .strictObject({
    code: z.string().regex(/^[A-Z]{2}(-[A-Z]{2})?$/),
    country: z.string(),
    customer: z.enum(["industrial", "business", "household"]),
    usdPerKwh: usdCell,
    period: periodCell,
    source: z.string().min(1),
    reliability: z.string().min(1),
  })
  .transform(({ usdPerKwh, ...row }) => ({ ...row, microUsdPerKwh: usdPerKwh }));
export type Tariff = z.output<typeof rowSchema>;

/** The dated catalogue of electricity tariffs. */
export const tariffs: readonly Tariff[] = readTable("electricity.csv", rowSchema);

const preferred: readonly Tariff["customer"][] = ["industrial", "business", "household"];

const isPreferred = (a: Tariff, b: Tariff): boolean =>
  preferred.indexOf(a.customer) < preferred.indexOf(b.customer);

function isBetter(a: Tariff, b: Tariff): boolean {
  if (a.customer !== b.customer) return isPreferred(a, b);
  const [left, right] = [periodEndMs(a.period), periodEndMs(b.period)];
  return left === right ? /exact/.test(a.reliability) && !/exact/.test(b.reliability) : left > right;
}

const bestOf: ReadonlyMap<string, Tariff> = (() => {
  const best = new Map<string, Tariff>();
  for (const tariff of tariffs) {
    const other = best.get(tariff.code);
    if (other === undefined || isBetter(tariff, other)) best.set(tariff.code, tariff);
  }
  for (const [code, tariff] of best) {
    const middle = middleOfStates([...best.values()].filter((state) => state.code.startsWith(`${code}-`)));
    if (middle !== undefined && isPreferred(middle, tariff)) best.set(code, { ...middle, code });
  }
  return best;
})();

/**
 * What stands for a country whose states have tariffs: the preferred kind of customer there, of that the middle tariff (the
 * lower of two), as it was printed.
 */
function middleOfStates(states: readonly Tariff[]): Tariff | undefined {
  const [first] = states.toSorted((a, b) => (isPreferred(a, b) ? -1 : isPreferred(b, a) ? 1 : 0));
  const alike = states
    .filter(({ customer }) => customer === first?.customer)
    .sort((a, b) => (a.microUsdPerKwh < b.microUsdPerKwh ? -1 : 1));
  const middle = alike[(alike.length - 1) >> 1];
  if (middle === undefined) return undefined;
  const reliability = `${middle.reliability}; the middle one of ${alike.length} states, ${middle.code}'s: name a state for its own`;
  return { ...middle, reliability };
}

const simple = (text: string) =>
  text
    .normalize("NFD")
    .toLowerCase()
    .replace(/[^a-z-]/g, "");

/**
 * The tariff of a country: industrial, else business, else household, of the latest period; of its states' where only they
 * have one of the better kind. Takes a code (`ID`, `US-TX`) or a name. Throws `country-unknown` with the nearest ones.
 */
export function tariffOf(country: string): Tariff {
  const wanted = simple(country);
  const named = bestOf.get(country.trim().toUpperCase());
  const found = named ?? [...bestOf.values()].find((tariff) => simple(tariff.country) === wanted);
  if (found !== undefined) return found;
  const near = [...bestOf.values()]
    .filter(({ code }) => code.length === 2)
    .map((tariff) => ({
      tariff,
      distance: Math.min(
        editDistance(wanted, simple(tariff.country)),
        editDistance(wanted, tariff.code.toLowerCase()) + 1,
      ),
    }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ tariff }) => `${tariff.code} (${tariff.country})`);
  throw problem("country-unknown", {
    detail: `no electricity tariff is known for "${country}"`,
    field: "country",
    given: country,
    allowed: `a country's code or name, for example ${near.join(", ")}`,
    next: `Did you mean ${near[0]}? Or say what electricity really costs there, and any country's code will do.`,
  });
}
