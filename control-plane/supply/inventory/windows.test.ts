import type { Window } from "@ionet/protocol";
import { expect, test } from "vitest";
import { availableUntil } from "./windows.ts";

const berlin = (days: string, from: string, to: string): Window => ({
  days: days.split(" ") as Window["days"],
  from,
  to,
  timeZone: "Europe/Berlin",
});
const utc = (days: string, from: string, to: string): Window => ({
  ...berlin(days, from, to),
  timeZone: "UTC",
});
const week = "mon tue wed thu fri sat sun";
const nights = berlin("mon tue wed thu fri", "20:00", "06:00");
const cairo = { ...berlin(week, "00:00", "24:00"), timeZone: "Africa/Cairo" };

// 2026: clocks in Berlin go forward on Sunday 29 March (02:00 → 03:00), back on Sunday 25 October (03:00 → 02:00).
test.each<[string, Window[], string, string | null]>([
  ["no window is always", [], "2026-01-05T12:00:00Z", null],
  ["by day it is closed", [nights], "2026-01-05T12:00:00Z", "closed"],
  ["a window is open from its first moment", [nights], "2026-01-05T19:00:00Z", "2026-01-06T05:00:00.000Z"],
  ["and closed at its last", [nights], "2026-01-06T05:00:00Z", "closed"],
  ["after midnight the evening's still holds", [nights], "2026-01-06T04:59:59Z", "2026-01-06T05:00:00.000Z"],
  ["Friday's lasts into Saturday", [nights], "2026-01-10T03:00:00Z", "2026-01-10T05:00:00.000Z"],
  ["Sunday's is not Monday's morning", [nights], "2026-01-05T03:00:00Z", "closed"],
  ["in summer it begins an hour earlier", [nights], "2026-07-06T18:00:00Z", "2026-07-07T04:00:00.000Z"],
  [
    "windows that touch are one",
    [utc("mon", "08:00", "12:00"), utc("mon", "12:00", "18:00"), utc("tue", "08:00", "10:00")],
    "2026-01-05T09:00:00Z",
    "2026-01-05T18:00:00.000Z",
  ],
  [
    "windows that overlap are one",
    [utc("mon", "08:00", "12:00"), utc("mon", "10:00", "18:00")],
    "2026-01-05T09:00:00Z",
    "2026-01-05T18:00:00.000Z",
  ],
  [
    "whole days follow one another",
    [utc("mon tue wed", "00:00", "24:00")],
    "2026-01-05T09:00:00Z",
    "2026-01-08T00:00:00.000Z",
  ],
  ["a whole week has no end", [utc(week, "00:00", "24:00")], "2026-01-05T09:00:00Z", null],
  ["nor where clocks change at midnight", [cairo], "2026-04-20T09:00:00Z", null],
  [
    "the night clocks go forward is an hour shorter",
    [berlin("sat", "20:00", "06:00")],
    "2026-03-28T20:00:00Z",
    "2026-03-29T04:00:00.000Z",
  ],
  [
    "the night clocks go back is an hour longer",
    [berlin("sat", "20:00", "06:00")],
    "2026-10-24T20:00:00Z",
    "2026-10-25T05:00:00.000Z",
  ],
  [
    "it ends the first time clocks read its end",
    [berlin("sun", "00:00", "02:30")],
    "2026-10-25T00:29:59Z",
    "2026-10-25T00:30:00.000Z",
  ],
  [
    "and does not open again the second time",
    [berlin("sun", "00:00", "02:30")],
    "2026-10-25T01:00:00Z",
    "closed",
  ],
  [
    "it begins the second time clocks read its beginning",
    [berlin("sun", "02:30", "10:00")],
    "2026-10-25T00:45:00Z",
    "closed",
  ],
  [
    "a beginning that clocks skip comes after the gap",
    [berlin("sun", "02:30", "10:00")],
    "2026-03-29T01:29:59Z",
    "closed",
  ],
  [
    "zones far ahead have their own weekday",
    [{ ...utc("tue", "00:00", "06:00"), timeZone: "Pacific/Kiritimati" }],
    "2026-01-05T11:00:00Z",
    "2026-01-05T16:00:00.000Z",
  ],
])("%s", (_what, windows, now, expected) => {
  const until = availableUntil(windows, Date.parse(now));
  expect(typeof until === "number" ? new Date(until).toISOString() : until).toBe(expected);
});
