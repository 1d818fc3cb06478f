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

function isBetter(a: Tariff, b: Tariff): boolean {
  if (a.customer !== b.customer) return preferred.indexOf(a.customer) < preferred.indexOf(b.customer);
  const [left, right] = [periodEndMs(a.period), periodEndMs(b.period)];
  return left === right ? /exact/.test(a.reliability) && !/exact/.test(b.reliability) : left > right;
}

const bestOf: ReadonlyMap<string, Tariff> = (() => {
  const best = new Map<string, Tariff>();
  for (const tariff of tariffs) {
    const other = best.get(tariff.code);
    if (other === undefined || isBetter(tariff, other)) best.set(tariff.code, tariff);
  }
  return best;
})();

const simple = (text: string) =>
  text
    .normalize("NFD")
    .toLowerCase()
    .replace(/[^a-z-]/g, "");

/**
 * The tariff of a country: industrial, else business, else household, of the latest period. Takes a code (`ID`, `US-TX`)
 * or a name. Throws `country-unknown` with the nearest ones.
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
