import { type Window, weekdays } from "@ionet/protocol";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Windows that follow one another for longer than any lease may last have no end that matters. */
const HORIZON_MS = 40 * DAY_MS;

/**
 * Until when a node with these windows is for hire without a break: Unix milliseconds; null when no end is in sight
 * (no windows: always); "closed" when it is not for hire now.
 *
 * Windows follow the clocks of their zones. Where a clock is put back or forward a window is never longer than its
 * words: it begins at the later and ends at the earlier of two readings, but midnight to midnight has no hole.
 */
export function availableUntil(windows: readonly Window[], nowMs: number): number | null | "closed" {
  if (windows.length === 0) return null;
  let untilMs = nowMs;
  for (;;) {
    const next = Math.max(untilMs, ...windows.map((window) => endIfOpen(window, untilMs)));
    if (next === untilMs) return untilMs === nowMs ? "closed" : untilMs;
    untilMs = next;
    if (untilMs - nowMs > HORIZON_MS) return null;
  }
}

/** When a window that is open at this moment ends; 0 when it is not open. */
function endIfOpen(window: Window, atMs: number): number {
  const hereMs = atMs + offsetMs(window.timeZone, atMs);
  // One that began yesterday may still be open; by a change of clocks the date may be off by one more.
  for (const offset of [-1, 0, 1]) {
    const day = (Math.floor(hereMs / DAY_MS) + offset) * DAY_MS;
    const weekday = weekdays[(new Date(day).getUTCDay() + 6) % 7];
    if (weekday === undefined || !window.days.includes(weekday)) continue;
    const from = minutesOf(window.from);
    const to = minutesOf(window.to);
    const endMinutes = to <= from ? to + 24 * 60 : to;
    const startMs = instant(window.timeZone, day + from * MINUTE_MS, "later");
    const endMs = instant(
      window.timeZone,
      day + endMinutes * MINUTE_MS,
      endMinutes % (24 * 60) === 0 ? "later" : "earlier",
    );
    if (startMs <= atMs && atMs < endMs) return endMs;
  }
  return 0;
}

const minutesOf = (time: string): number => {
  const [hours = 0, minutes = 0] = time.split(":").map(Number);
  return hours * 60 + minutes;
};

/** The moment at which clocks of a zone read this (a date and time as if they were UTC's, in milliseconds). */
function instant(timeZone: string, readingMs: number, which: "earlier" | "later"): number {
  const before = readingMs - offsetMs(timeZone, readingMs - DAY_MS);
  const after = readingMs - offsetMs(timeZone, readingMs + DAY_MS);
  const right = [before, after].filter((ms) => ms + offsetMs(timeZone, ms) === readingMs);
  // None is right where the clocks skip this reading.
  const possible = right.length > 0 ? right : [before, after];
  return which === "later" ? Math.max(...possible) : Math.min(...possible);
}

type Zone = { format: Intl.DateTimeFormat; offsets: Map<number, number> };
const zones = new Map<string, Zone>();
/** Clocks are changed at whole quarters of an hour; formatting a date is slow, and many nodes share a zone. */
const QUARTER_MS = 15 * MINUTE_MS;
const MOST_OFFSETS = 10_000;

/** By how much clocks of a zone are ahead of UTC. */
function offsetMs(timeZone: string, atMs: number): number {
  const zone = zones.get(timeZone) ?? openZone(timeZone);
  const quarter = Math.floor(atMs / QUARTER_MS);
  const known = zone.offsets.get(quarter);
  if (known !== undefined) return known;
  const startMs = quarter * QUARTER_MS;
  const read = { year: 0, month: 0, day: 0, hour: 0, minute: 0, second: 0 };
  for (const { type, value } of zone.format.formatToParts(startMs)) {
    if (type in read) read[type as keyof typeof read] = Number(value);
  }
  const offset = Date.UTC(read.year, read.month - 1, read.day, read.hour, read.minute, read.second) - startMs;
  if (zone.offsets.size >= MOST_OFFSETS) zone.offsets.clear();
  zone.offsets.set(quarter, offset);
  return offset;
}

function openZone(timeZone: string): Zone {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  const zone = { format, offsets: new Map<number, number>() };
  zones.set(timeZone, zone);
  return zone;
}
