import { expect, test } from "vitest";
import { bar, scale } from "./bar.ts";

test("a bar is as long as its share, to the eighth; a little is still seen, nothing and a loss are not", () => {
  expect(bar(100n, 100n, 4)).toBe("████");
  expect(bar(50n, 100n, 4)).toBe("██");
  expect(bar(3n, 32n, 4)).toBe("▍");
  expect(bar(1n, 1_000_000n, 4)).toBe("▏");
  expect([bar(0n, 10n, 4), bar(-5n, 10n, 4), bar(0n, 0n, 4)]).toEqual(["", "", ""]);
});

test("marks stand at their share of a line, and the later one where two meet", () => {
  const marks = [
    { bps: 5000, mark: "┃" },
    { bps: 10_000, mark: "●" },
  ];
  expect(scale(marks, 5)).toBe("├─┃─●");
  expect(
    scale(
      marks.map((one) => ({ ...one, bps: 0 })),
      3,
    ),
  ).toBe("●─┤");
});
