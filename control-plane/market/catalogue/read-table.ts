import { readFileSync } from "node:fs";
import { parse } from "csv-parse/sync";
import { z } from "zod";

/** Reads one of the catalogues' CSV files. Throws when a row is not in its documented form: the file is ours. */
export function readTable<Row extends z.ZodType>(file: string, row: Row): z.output<Row>[] {
  const text = readFileSync(new URL(`data/${file}`, import.meta.url));
  return z.array(row).parse(parse(text, { columns: true, skip_empty_lines: true }));
}

/** Dollars as decimal text, in micro-USD. */
export const usdCell = z.string().transform((text, context) => {
  const [, whole = "", fraction = ""] = /^(\d{1,9})(?:\.(\d{1,6}))?$/.exec(text) ?? [];
  if (whole === "") context.addIssue(`"${text}" is no amount in USD of at most six decimals`);
  return BigInt(`${whole}${fraction.padEnd(6, "0")}`);
});

/** YYYY, YYYY-MM, YYYY-Qn or YYYY-MM-DD. */
export const periodCell = z.string().regex(/^20\d\d(-\d\d(-\d\d)?|-Q[1-4])?$/);
