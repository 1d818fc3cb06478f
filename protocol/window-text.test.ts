import fc from "fast-check";
import { expect, test } from "vitest";
import { weekdays } from "./terms.ts";
import { formatWindow, parseWindow } from "./window-text.ts";

test.each([
  ["mon-fri 20:00-06:00 Europe/Berlin", "mon tue wed thu fri", "20:00", "06:00"],
  ["Sat,SUN 0:00 - 24:00 UTC", "sat sun", "00:00", "24:00"],
  ["fri-mon 08:00-09:30 Asia/Jakarta", "fri sat sun mon", "08:00", "09:30"],
  ["daily 00:00-24:00 UTC", "mon tue wed thu fri sat sun", "00:00", "24:00"],
])("%s is read", (text, days, from, to) => {
  expect(parseWindow(text)).toEqual({
    window: { days: days.split(" "), from, to, timeZone: text.split(" ").at(-1) },
  });
});

test.each([
  ["", /DAYS FROM-TO ZONE/],
  ["mon-fri 20:00-06:00", /DAYS FROM-TO ZONE/],
  ["mo-fr 20:00-06:00 UTC", /DAYS FROM-TO ZONE/],
  ["mon 25:00-26:00 UTC", /^from: .*00:00 to 23:59/],
  ["mon 20:00-24:30 UTC", /^to: .*00:00 to 24:00/],
  ["mon 20:00-20:00 UTC", /^to: .*another time/],
  ["mon,mon 20:00-21:00 UTC", /^days: .*once/],
  ["mon 20:00-21:00 Berlin", /^timeZone: .*Europe\/Berlin/],
])("%j makes no sense, and it says which part and what is allowed", (text, wrong) => {
  expect(parseWindow(text)).toEqual({ wrong: expect.stringMatching(wrong) });
});

test("what is written is read again", () => {
  const time = fc
    .tuple(fc.nat(23), fc.nat(59))
    .map((two) => two.map((n) => `${n}`.padStart(2, "0")).join(":"));
  const window = fc.record({
    days: fc.subarray([...weekdays], { minLength: 1 }),
    from: time,
    to: time,
    timeZone: fc.constantFrom("UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires"),
  });
  fc.assert(
    fc.property(
      window.filter(({ from, to }) => from !== to),
      (one) => {
        expect(parseWindow(formatWindow(one))).toEqual({ window: one });
      },
    ),
  );
});
