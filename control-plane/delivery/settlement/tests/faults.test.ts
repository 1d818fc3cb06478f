import { connectChain } from "@ionet/chain";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ChainContext } from "../../../platform/context.ts";
import { honest, openTestEndpoint, type TestEndpoint } from "../testing/endpoint.ts";
import { concludingOnly, faults } from "../testing/faults.ts";
import { A_RETRY_MS, DELIVERED, EARNED, openTestRental, type TestRental } from "../testing/rental.ts";

/*
 * Faults of the endpoint between the reconciler and a real chain, each at each step that pays. The WebSocket leads nowhere
 * all the time: nothing depends on it.
 */

const NOWHERE = "ws://127.0.0.1:1";
const TIMEOUT_MS = 1500;
const HOUR_MS = 3_600_000;

let rental: TestRental;
let endpoint: TestEndpoint;
let ctx: ChainContext;
beforeAll(async () => {
  rental = await openTestRental();
  endpoint = await openTestEndpoint(rental.net.chain.url);
  const chain = connectChain({ url: endpoint.url, wsUrl: NOWHERE, timeoutMs: TIMEOUT_MS });
  ctx = { ...rental.ctx, chain };
});
afterAll(async () => {
  await endpoint?.stop();
  await rental?.close();
});

/** Does a step while the endpoint has the fault, and says how often it did harm. */
async function during(name: string, step: () => Promise<void>): Promise<number> {
  const fault = faults[name]?.begin();
  if (fault === undefined) throw new Error(`no such fault: ${name}`);
  endpoint.behave = fault.behave;
  await step();
  endpoint.behave = honest;
  return fault.struck();
}

describe("suppliers, treasury and engineer are paid exactly once by an endpoint that", () => {
  test.each(Object.keys(faults))("%s", async (name) => {
    const rented = await rental.rentOne();
    const before = await rental.balances(rented);
    await rental.reconcileUntil(async () => true, ctx);
    rental.market.clock.advance(HOUR_MS);
    const paid = async () => (await rental.settlement(rented)).payouts.map(({ seconds }) => seconds);
    const hourly = await during(name, () =>
      rental.reconcileUntil(async () => (await paid()).length > 0, ctx, A_RETRY_MS),
    );
    expect(await paid()).toEqual(DELIVERED);
    expect((await rental.settlement(rented)).payouts.map((each) => each.paid)).toEqual(
      EARNED.map(({ net }) => net),
    );
    await rental.end(rented);
    const final = await during(name, () => rental.untilSettled(rented, ctx, A_RETRY_MS));
    await rental.expectPaidOnce(rented, before);
    expect({ hourly: hourly > 0, final: final > 0 }).toEqual({ hourly: !concludingOnly(name), final: true });
  });
});
