import { countryCodes } from "./regions.ts";

/** What people type for a country besides its name and its code. */
const shorts = { uk: "GB", england: "GB", usa: "US", america: "US", korea: "KR", holland: "NL", uae: "AE" };

let codes: ReadonlyMap<string, string> | undefined;

/** The code of a country by its English name, for hints: names have many spellings, codes have one. */
export function countryNamed(name: string): string | undefined {
  codes ??= codesByName();
  return codes.get(name.trim().toLowerCase());
}

function codesByName(): ReadonlyMap<string, string> {
  const names = new Intl.DisplayNames(["en"], { type: "region" });
  return new Map([
    ...countryCodes.map((code) => [(names.of(code) ?? code).toLowerCase(), code] as const),
    ...Object.entries(shorts),
  ]);
}
