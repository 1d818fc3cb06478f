import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";

/** One row of a source file, by its columns' names. */
export type SourceRow = Readonly<Record<string, string>>;

/** The rows of a CSV file of the sources. Throws when the file is not there. */
export function sourceTable(folder: string, file: string): SourceRow[] {
  return parse(readFileSync(join(folder, file)), { columns: true, skip_empty_lines: true, bom: true });
}

/** A cell that must be there. Throws an Error that names row and column. */
export function cell(row: SourceRow, column: string): string {
  const value = row[column];
  if (value === undefined) throw new Error(`no column ${column} in ${JSON.stringify(row)}`);
  return value.trim();
}
