import { testOffer } from "@ionet/placement/testing";
import { type Demand, microUsdPerGpuHour } from "@ionet/protocol";
import { expect, test } from "vitest";
import { explainShortage } from "./explain-shortage.ts";

const offer = (supplier: string, price: bigint, gpusFree: number, confinement: "loopback" | "namespace") =>
  testOffer({ supplier, gpusFree, confinement, priceMicroUsdPerGpuHour: microUsdPerGpuHour(price) });
const apart = [
  offer("a", 10n, 2, "loopback"),
  offer("b", 70n, 2, "loopback"),
  offer("c", 20n, 1, "namespace"),
  offer("d", 30n, 2, "namespace"),
];
const demand = (gpuCount: number): Demand => ({
  gpuModel: "a100-40gb",
  gpuCount,
  durationSeconds: 3600,
  currency: "USDC",
  minSuppliers: 1,
});

test("a shortage says when the nodes would be enough if they could reach each other", () => {
  expect(explainShortage(apart, demand(5)).input).toMatchObject({
    detail:
      "asked: 5 × a100-40gb; free now: 7, from 4 suppliers, which would be enough, but nodes of different confinement can't reach each other: loopback 4, from 2 suppliers; namespace 3, from 2 suppliers",
    field: "gpuCount",
    allowed: "at most 4 now on nodes that can reach each other",
    next: expect.stringContaining("gpuCount 4 "),
  });
  const beyondAll = explainShortage(apart, demand(8)).input;
  expect(beyondAll).toMatchObject({ detail: "asked: 8 × a100-40gb; free now: 7, from 4 suppliers" });
});
