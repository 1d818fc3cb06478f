const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** A part of `most` as a bar of at most `width` characters, to the eighth of one; what is above nothing shows a trace. */
export function bar(part: bigint, most: bigint, width: number): string {
  if (part <= 0n || most <= 0n) return "";
  const exact = Number((part * BigInt(width * 8)) / most);
  const eighths = Math.min(width * 8, Math.max(1, exact));
  return `${"█".repeat(eighths >> 3)}${EIGHTHS[eighths & 7]}`;
}

/** A line from 0 to 10,000 basis points with marks on it, later ones over earlier ones. */
export function scale(marks: readonly { bps: number; mark: string }[], width: number): string {
  const line = ["├", ...Array.from({ length: width - 2 }, () => "─"), "┤"];
  for (const { bps, mark } of marks) line[Math.round((bps * (width - 1)) / 10_000)] = mark;
  return line.join("");
}
