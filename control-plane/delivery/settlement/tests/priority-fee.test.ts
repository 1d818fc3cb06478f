import { connectChain } from "@ionet/chain";
import { address, signature } from "@solana/kit";
import { expect, test } from "vitest";
import { honest, openTestEndpoint } from "../testing/endpoint.ts";
import { openTestRental } from "../testing/rental.ts";

test("where others pay for priority so does a settlement, up to a limit, and everybody has the same of it", async () => {
  const rental = await openTestRental();
  const { chain, payer } = rental.net;
  const endpoint = await openTestEndpoint(chain.url);
  const asked: unknown[] = [];
  endpoint.behave = async (call) => {
    if (call.method !== "getRecentPrioritizationFees") return honest(call);
    asked.push(...call.params);
    return { result: [{ nodeNumber: 1, prioritizationFee: 10 ** 9 }] };
  };
  const ctx = { ...rental.ctx, chain: connectChain({ url: endpoint.url, wsUrl: chain.wsUrl }) };
  const rented = await rental.rentOne();
  const before = await rental.balances(rented);
  await rental.end(rented);
  await rental.untilSettled(rented, ctx);
  await rental.expectPaidOnce(rented, before);
  const escrow = (await rental.escrowOf(rented)).address;
  expect(asked).toEqual([expect.arrayContaining([escrow])]);
  const { payouts } = await rental.settlement(rented);
  const paying = await chain.rpc
    .getTransaction(signature(payouts[0]?.signature ?? ""), {
      encoding: "json",
      maxSupportedTransactionVersion: 1,
    })
    .send();
  expect(paying?.transaction.message.accountKeys[0]).toBe(address(payer.address));
  // Two signatures, and at most 0.1 lamports a compute unit.
  expect(Number(paying?.meta?.fee)).toBeGreaterThan(10_000);
  expect(Number(paying?.meta?.fee)).toBeLessThan(12_000);
  await endpoint.stop();
  await rental.close();
});
