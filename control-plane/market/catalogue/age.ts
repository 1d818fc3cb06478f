const DAY_MS = 86_400_000;
const quarterEnds = ["-03-31", "-06-30", "-09-30", "-12-31"];

/** The last moment of YYYY, YYYY-Qn, YYYY-MM or YYYY-MM-DD (a moment is taken as it stands), in Unix milliseconds. */
export function periodEndMs(period: string): number {
  const [, year = "", rest = ""] = /^(\d{4})(.*)$/.exec(period) ?? [];
  const quarter = /^-Q([1-4])/.exec(rest);
  if (quarter) return Date.parse(`${year}${quarterEnds[Number(quarter[1]) - 1]}T23:59:59Z`);
  if (/^-\d\d$/.test(rest)) return Date.UTC(Number(year), Number(rest.slice(1)), 1) - 1;
  if (/^-\d\d-\d\d$/.test(rest)) return Date.parse(`${period}T23:59:59Z`);
  if (/^-\d\d-\d\dT/.test(rest)) return Date.parse(period);
  return Date.parse(`${year}-12-31T23:59:59Z`);
}

/** Whole days since a price was true at the latest; never negative. */
export const ageDays = (period: string, nowMs: number): number =>
  Math.max(0, Math.floor((nowMs - periodEndMs(period)) / DAY_MS));
