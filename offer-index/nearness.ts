import { countryCodes, regionOf } from "@ionet/protocol";
import { UNKNOWN } from "./columns/uppers.ts";
import { kilometresBetween } from "./country-places.ts";

const distances = new Map<string, ReadonlyMap<string, number>>();

/**
 * How far each country is from a country or region, in whole kilometres between their middles; 0 within it, and from a
 * region the distance to its nearest country. Which country a machine is in says little of its network: it is an order
 * of places, not of latencies.
 */
export function distancesFrom(near: string): ReadonlyMap<string, number> {
  const known = distances.get(near);
  if (known !== undefined) return known;
  const starts = countryCodes.filter((country) => country === near || regionOf(country) === near);
  const made = new Map(
    countryCodes.map((country) => {
      const each = starts.map((start) =>
        start === country ? 0 : (kilometresBetween(start, country) ?? UNKNOWN),
      );
      return [country, Math.min(UNKNOWN, ...each)];
    }),
  );
  distances.set(near, made);
  return made;
}
