const quoted = (text: string) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** Rows as CSV under a line of titles, in the titles' order. */
export function csvText(
  titles: readonly string[],
  rows: readonly Readonly<Record<string, string | number>>[],
): string {
  const lines = rows.map((row) => titles.map((title) => quoted(String(row[title] ?? ""))).join(","));
  return `${[titles.join(","), ...lines].join("\n")}\n`;
}
