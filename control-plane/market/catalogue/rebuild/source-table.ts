import { accessSync, constants, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";

/** One row of a source file, by its columns' names. */
export type SourceRow = Readonly<Record<string, string>>;

/** The source files that the catalogues are made of, in the folder that `--from` names. */
const sourceFiles = [
  "gpu_specs.csv",
  "electricity_prices.csv",
  "mining_revenue_reference.csv",
  "prices/aws_gpu_instances.csv",
  "prices/gpu_offerings_21_providers.csv",
  "prices/hyperscaler_gpu_prices_raw_2026-06-15.csv",
  "prices/skypilot_catalog_v8_subset.csv",
] as const;

/** The source files that are not in a folder, or can't be read. */
export const missingSources = (folder: string): string[] =>
  sourceFiles.filter((file) => {
    try {
      accessSync(join(folder, file), constants.R_OK);
      return false;
    } catch {
      return true;
    }
  });

/** The rows of a CSV file of the sources. Throws when the file is not there. */
export function sourceTable(folder: string, file: (typeof sourceFiles)[number]): SourceRow[] {
  return parse(readFileSync(join(folder, file)), { columns: true, skip_empty_lines: true, bom: true });
}

/** A cell that must be there. Throws an Error that names row and column. */
export function cell(row: SourceRow, column: string): string {
  const value = row[column];
  if (value === undefined) throw new Error(`no column ${column} in ${JSON.stringify(row)}`);
  return value.trim();
}
