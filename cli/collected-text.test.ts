import type { Collected } from "@ionet/sdk";
import { address } from "@solana/kit";
import { expect, test } from "vitest";
import { collectedText } from "./commands/collect.ts";

const some = address("SysvarC1ock11111111111111111111111111111111");
const collected: Collected = {
  escrow: some,
  wallet: some,
  mint: address("USDCtestmint1111111111111111111111111111111"),
  decimals: 6,
  outcome: "paid",
  paid: 1_234_567n,
  paidToOthers: 0n,
  waiting: 0n,
  reading: "applied",
  destination: some,
  signature: "5h",
  feeLamports: 10_000n,
  rentLamports: 0n,
};

const told: [change: Partial<Collected>, words: string[]][] = [
  [{}, [`Paid 1.234567 test USDC to ${some}.`, "Transaction 5h, fee 0.00001 SOL."]],
  [{ rentLamports: 2_039_280n }, ["Your token account was made: 0.00203928 SOL of rent"]],
  [{ paidToOthers: 500_000n }, ["paid 0.50 test USDC to this escrow's other suppliers"]],
  [{ outcome: "nothing-left", paid: 0n, signature: null }, ["Nothing left"]],
  [
    { outcome: "waiting", paid: 0n, waiting: 7n, signature: null },
    ["0.000007 test USDC wait", "--destination"],
  ],
  [{ mint: null, outcome: "nothing-left", signature: null }, ["it was settled and closed"]],
  [{ reading: "refused" }, ["takes this meter's word no more"]],
  [{ mint: address("11111111111111111111111111111111"), decimals: 9 }, ["Paid 0.001234567 SOL"]],
];

test.each(told)("a collection says what came of it, in amounts and costs: %o", (change, words) => {
  const text = collectedText({ ...collected, ...change });
  for (const word of words) expect(text).toContain(word);
});

test("what was paid is not called left, nor what waits paid", () => {
  expect(collectedText(collected)).not.toMatch(/Nothing left|wait/);
  expect(collectedText({ ...collected, outcome: "waiting", waiting: 7n })).not.toContain("Paid");
});
