import { connectChain } from "@ionet/chain";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ChainContext } from "../../../platform/context.ts";
import { honest, openTestEndpoint, type TestEndpoint } from "../testing/endpoint.ts";
import { A_RETRY_MS, EARNED, FEE, GROSS, openTestRental, type TestRental } from "../testing/rental.ts";

const CLUSTERS = 30;

let rental: TestRental;
let endpoint: TestEndpoint;
let ctx: ChainContext;
beforeAll(async () => {
  rental = await openTestRental();
  endpoint = await openTestEndpoint(rental.net.chain.url);
  const chain = connectChain({ url: endpoint.url, wsUrl: rental.net.chain.wsUrl, timeoutMs: 1500 });
  ctx = { ...rental.ctx, chain };
});
afterAll(async () => {
  await endpoint?.stop();
  await rental?.close();
});

test("of thirty clusters that end together, one whose escrow never answers holds up none of the others", async () => {
  const all = await rental.rent(CLUSTERS);
  const [stuck, ...others] = all;
  if (stuck === undefined) throw new Error("thirty were rented");
  const { address } = (await rental.settlement(stuck)).escrows[0] ?? { address: "" };
  const before = await rental.balances(stuck);
  for (const rented of all) await rental.end(rented);
  let struck = 0;
  endpoint.behave = async (call) => {
    if (!JSON.stringify(call.params).includes(address)) return honest(call);
    struck++;
    return "never";
  };
  const isSettled = async (rented: typeof stuck) => (await rental.settlement(rented)).state === "settled";
  const allSettled = async () => (await Promise.all(others.map(isSettled))).every(Boolean);
  await rental.reconcileUntil(allSettled, ctx, A_RETRY_MS);
  expect(struck).toBeGreaterThan(0);
  expect(await isSettled(stuck)).toBe(false);
  endpoint.behave = honest;
  await rental.untilSettled(stuck, ctx, A_RETRY_MS);
  for (const rented of all) {
    await rental.expectAccounted(rented);
    const { dataCentre, miner } = await rental.balances(rented);
    expect([dataCentre, miner]).toEqual([EARNED[0].net + EARNED[1].net, EARNED[2].net]);
  }
  const after = await rental.balances(stuck);
  expect(after.treasury - before.treasury).toBe(BigInt(CLUSTERS) * FEE);
  expect(after.engineer - before.engineer).toBe(BigInt(CLUSTERS) * (stuck.deposit - GROSS));
}, 300_000);
