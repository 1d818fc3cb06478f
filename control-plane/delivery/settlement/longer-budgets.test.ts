import { expect, test } from "vitest";
import { longerBudgets } from "./longer-budgets.ts";

test("only what is longer on the chain is taken over, by escrow and place", () => {
  const onChain = (...seconds: number[]) => ({
    leases: seconds.map((maxSeconds) => ({ maxSeconds })),
  });
  const lease = (escrow: string, escrowIndex: number) => ({
    ...{ escrow, escrowIndex, maxSeconds: 600 },
    agreed: {},
  });
  const leases = [lease("a", 0), lease("a", 1), lease("b", 0), lease("c", 0)];
  const escrows = new Map([
    ["a", onChain(600, 700)],
    ["b", onChain(500)],
  ]);
  const longer = { escrow: "a", escrowIndex: 1, maxSeconds: 700, beyondSeconds: 0 };
  expect(longerBudgets(leases, escrows)).toEqual([longer]);
});

test.each<[string, number | undefined, number, number[]]>([
  ["whole where no limit was agreed", undefined, 5000, [5000, 0]],
  ["whole within it", 900, 800, [800, 0]],
  ["whole up to it", 900, 900, [900, 0]],
  ["up to it, the rest beyond", 900, 901, [900, 1]],
  ["not at all where the lease is at it already", 600, 700, [600, 100]],
  ["not at all where it is below what was agreed", 500, 700, [600, 100]],
  ["up to what can be kept", undefined, 2 ** 32 - 1, [2 ** 31 - 1, 0]],
])("a longer budget is taken over %s", (_what, latestSeconds, seconds, expected) => {
  const agreed = latestSeconds === undefined ? {} : { latestSeconds };
  const lease = { escrow: "a", escrowIndex: 0, maxSeconds: 600, agreed };
  const [taken] = longerBudgets([lease], new Map([["a", { leases: [{ maxSeconds: seconds }] }]]));
  expect([taken?.maxSeconds, taken?.beyondSeconds]).toEqual(expected);
});
