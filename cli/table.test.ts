import { expect, test } from "vitest";
import { parsePrice, priceText, roundToCents } from "./money-text.ts";
import { durationText, savedText } from "./quote-text.ts";
import { short, table } from "./table.ts";

test("columns are as wide as their widest cell; numbers stand to the right", () => {
  expect(
    table(
      ["node", ">seconds"],
      [
        ["fjord", "60"],
        ["a", "3600"],
      ],
    ),
  ).toBe(["node   seconds", "─────  ───────", "fjord       60", "a         3600"].join("\n"));
});

test("a cell can't steer the terminal that shows it", () => {
  const shown = table(["model", "n"], [["h100\u001b[2K\r\n\u009b31mfree\u202e", "1"]]);
  expect(shown.split("\n").slice(2)).toEqual(["h100[2K31mfree  1"]);
});

test("addresses are shortened, words are not", () => {
  expect(short("8otnXyzAbCdEfGhAMxv")).toBe("8otn…AMxv");
  expect(short("miner")).toBe("miner");
});

test("prices are read and written without floats", () => {
  expect(parsePrice("0.38")).toBe(380_000n);
  expect(parsePrice("$1")).toBe(1_000_000n);
  expect(parsePrice("0.1234567")).toBeNull();
  expect(parsePrice("cheap")).toBeNull();
  expect(priceText(380_000n)).toBe("$0.38");
  expect(roundToCents(2_490_833n)).toBe(2_490_000n);
});

test("what is saved is never more than it is, and nothing is saved against a lower price", () => {
  expect(savedText(1_000n, 1n)).toBe("99 %");
  expect(savedText(5n, 5n)).toBe("–");
});

test("durations are said in the units people use", () => {
  expect(durationText(5_400)).toBe("1 h 30 min");
  expect(durationText(0)).toBe("0 s");
});
