import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { countryCodes, regionOf } from "./regions.ts";

test("every country has one region, and a code that is no country's has none", () => {
  expect(countryCodes).toHaveLength(250);
  expect(new Set(countryCodes).size).toBe(250);
  expect(["DE", "NO", "CH", "GB", "UA", "US", "MX", "BR", "IN", "AU", "ZA", "AE"].map(regionOf)).toEqual([
    ..."eu eu eu uk europe-other na na sa asia oceania africa me".split(" "),
  ]);
  for (const code of ["ZZ", "XX", "de", "", "DEU"]) expect(regionOf(code)).toBeUndefined();
});

test("the codes are those of this runtime's own table of countries", () => {
  const names = new Intl.DisplayNames("en", { type: "region", fallback: "none" });
  expect(countryCodes.filter((code) => names.of(code) === undefined)).toEqual([]);
});

const tariffs = join(import.meta.dirname, "../../shared/data/electricity_prices.csv");
test.skipIf(!existsSync(tariffs))(
  "every country whose electricity we know has a region (skipped where ../shared is absent)",
  () => {
    const codes = readFileSync(tariffs, "utf8")
      .split("\n")
      .flatMap(
        (line) =>
          /,([A-Z]{2})(?:-[A-Z]{2})?,(?:household|commercial|industrial|business),/.exec(line)?.[1] ?? [],
      );
    expect(codes.length).toBeGreaterThan(100);
    expect([...new Set(codes)].filter((code) => regionOf(code) === undefined)).toEqual([]);
  },
);
