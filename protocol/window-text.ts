import { type Weekday, type Window, weekdays, windowSchema } from "./terms.ts";

const FORM = "DAYS FROM-TO ZONE, like `mon-fri 20:00-06:00 Europe/Berlin` or `daily 00:00-24:00 UTC`";

/**
 * Reads a window as people write it: `mon-fri 20:00-06:00 Europe/Berlin`, `sat,sun 00:00-24:00 UTC`, `daily 22:00-07:00
 * Asia/Jakarta`. A range of days may run over the week's end (`fri-mon`). What can't be read is a sentence in `wrong`.
 */
export function parseWindow(text: string): { window: Window } | { wrong: string } {
  const [, dayText, from, to, timeZone] =
    /^\s*(\S+)\s+(\d\d?:\d\d)\s*-\s*(\d\d?:\d\d)\s+(\S+)\s*$/.exec(text) ?? [];
  const days = dayText === undefined ? null : parseDays(dayText.toLowerCase());
  if (from === undefined || to === undefined || days === null) return { wrong: `expected ${FORM}` };
  const read = windowSchema.safeParse({
    days,
    from: from.padStart(5, "0"),
    to: to.padStart(5, "0"),
    timeZone,
  });
  if (read.success) return { window: read.data };
  const [issue] = read.error.issues;
  return { wrong: `${issue?.path.join(".") ?? "window"}: ${issue?.message ?? `expected ${FORM}`}` };
}

/** A window as `parseWindow` reads it. */
export function formatWindow({ days, from, to, timeZone }: Window): string {
  const given = weekdays.filter((day) => days.includes(day));
  const [first] = given;
  const last = given.at(-1);
  const inARow =
    first !== undefined &&
    last !== undefined &&
    weekdays.indexOf(last) - weekdays.indexOf(first) === given.length - 1;
  const dayText =
    given.length === 7 ? "daily" : inARow && given.length > 2 ? `${first}-${last}` : given.join(",");
  return `${dayText} ${from}-${to} ${timeZone}`;
}

const names: readonly string[] = weekdays;

function parseDays(text: string): Weekday[] | null {
  if (text === "daily") return [...weekdays];
  const days = text.split(",").map((part) => {
    const [first = "", last = first, ...more] = part.split("-");
    const from = names.indexOf(first);
    const to = names.indexOf(last);
    if (from < 0 || to < 0 || more.length > 0) return null;
    const length = ((to - from + 7) % 7) + 1;
    return Array.from({ length }, (_, i) => weekdays[(from + i) % 7] ?? "mon");
  });
  return days.some((part) => part === null) ? null : days.flatMap((part) => part ?? []);
}
