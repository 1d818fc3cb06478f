/**
 * Columns of text, aligned; numbers (columns whose title starts with `>`) to the right. Suppliers choose some of the
 * text: characters that steer a terminal or turn the reading direction are left out.
 */
export function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const right = titles.map((title) => title.startsWith(">"));
  const head = titles.map((title) => title.replace(/^>/, ""));
  const plain = rows.map((row) => row.map((cell) => cell.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, "")));
  const all = [head, ...plain];
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? "").length)));
  const line = (row: readonly string[]) =>
    widths
      .map((width, column) => {
        const cell = row[column] ?? "";
        return right[column] ? cell.padStart(width) : cell.padEnd(width);
      })
      .join("  ")
      .trimEnd();
  return [line(head), widths.map((width) => "─".repeat(width)).join("  "), ...plain.map(line)].join("\n");
}

/** An address short enough for a table: its first and last four characters. */
export const short = (address: string): string =>
  address.length <= 12 ? address : `${address.slice(0, 4)}…${address.slice(-4)}`;
