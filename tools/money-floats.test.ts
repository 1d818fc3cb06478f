import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { filesOf, isTest } from "./arrows.ts";
import { moneyFloats } from "./money-floats.ts";

/** Where it is right: never to pay, only to compare, to order or to show a share. Each with why no cent can get lost. */
const allowed: Readonly<Record<string, string>> = {
  "control-plane/market/compare/compare.ts:: Number((saved * 10_000n) / microUsdForJob":
    "a share in basis points",
  "control-plane/market/earnings/estimate-earnings.ts:: Number(((renting.grossMicroUsd - revenue.microUsdPerDay) * 100n) / revenue.microUsdPerDay":
    "a share in per cent",
  "control-plane/market/earnings/estimate-earnings.ts:: Number(tariff.microUsdPerKwh":
    "a whole number, only shown",
  "local-chain/rpc/faucet-methods.ts:: Number(AIRDROP_CAP_LAMPORTS": "a limit far below 2⁵³",
  "local-chain/rpc/parsed/token-amount.ts:: Math.trunc(Number(amount) * factor":
    "the token program scales shown amounts by floats",
  "local-chain/rpc/parsed/token-amount.ts:: Number(amount":
    "the token program reckons shown interest in floats",
  "local-chain/rpc/parsed/token-amount.ts:: Number(uiAmountString":
    "what nodes answer as uiAmount is a float",
  "local-chain/tokens.ts:: Number(amount": "what nodes answer as uiAmount is a float",
  "offer-index/plain-search.ts:: Number(offer.priceMicroUsdPerGpuHour": "a key of an order",
  "offer-index/plain-search.ts:: Number((offer.priceMicroUsdPerGpuHour * 1_000_000n) / BigInt(Math.round(tflops * 1000))":
    "a key of an order",
  "offer-index/rows/partitions.ts:: Math.floor(Math.log2(price + 1) * PARTITIONS_AN_OCTAVE":
    "where a row is put",
  "placement/candidate.ts:: Number(perGpuHour": "choices compare whole numbers far below 2⁵³",
  "placement/plain-choice.ts:: Number(BigInt(count) * offer.priceMicroUsdPerGpuHour":
    "compares, as choices do",
};

test.each([
  "Number(x.priceMicroUsdPerGpuHour)",
  "Number.parseFloat(row.price_usd)",
  "parseFloat(amount)",
  "Math.round(costUsd * 1e6)",
  "Math.floor(Number(fee) / 2)",
  "const total = +deposit;",
  "sum(+offer.price, 1)",
  "const perGpuHour: bigint = offer.priceMicroUsdPerGpuHour;\nreturn Number(perGpuHour);",
  "Number(\n  lease.maxBudgetMicroUsd ?? 0n,\n)",
])("money made a float is seen: %s", (code) => {
  expect(moneyFloats(code)).not.toEqual([]);
});

test.each([
  "Number(seconds)",
  "Math.ceil(leases.length / 2)",
  'Number(text.replace("price", ""))',
  "// Number(price)",
  "Number(feeBps)",
  "BigInt(price)",
  "a + price",
])("what is no money, or no float, is left alone: %s", (code) => {
  expect(moneyFloats(code)).toEqual([]);
});

test("money is never made a float", () => {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const files = filesOf(root, "*.ts").filter(
    (file) => !isTest(file) && !/\/generated\/|^tools\/|^e2e\/|^bench\//.test(file),
  );
  const found = files.flatMap((file) =>
    moneyFloats(readFileSync(join(root, file), "utf8")).map((line) => `${file}:${line.replace(/^\d+/, "")}`),
  );
  expect(found.filter((place) => !(place in allowed))).toEqual([]);
  expect(Object.keys(allowed).filter((place) => !found.includes(place))).toEqual([]);
});
