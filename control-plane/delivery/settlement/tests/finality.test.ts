import { setTimeout as sleep } from "node:timers/promises";
import { connectChain, readEscrow, send, topUpCost, topUpInstruction } from "@ionet/chain";
import { address } from "@solana/kit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import type { ChainContext } from "../../../platform/context.ts";
import { findCluster } from "../../clusters/store.ts";
import { reconcileEscrows } from "../../escrows/reconcile.ts";
import { escrowsOf } from "../../escrows/store.ts";
import { reconcileSettlement } from "../reconcile.ts";
import { honest, openTestEndpoint, type TestEndpoint } from "../testing/endpoint.ts";
import { openTestRental, type TestRental } from "../testing/rental.ts";

/*
 * What starts work or ends an account counts when it is final. The endpoint before the chain here can let nothing more
 * become final: it goes on to tell the newest final state that it was asked for before.
 */

const READS = ["getAccountInfo", "getMultipleAccounts"];
/** A call that says nothing means final state. */
const finalSchema = z.looseObject({ commitment: z.literal("finalized").optional() });

let rental: TestRental;
let endpoint: TestEndpoint;
let ctx: ChainContext;
let isHeld = false;
beforeAll(async () => {
  rental = await openTestRental();
  endpoint = await openTestEndpoint(rental.net.chain.url);
  const told = new Map<string, string>();
  endpoint.behave = async (call) => {
    const [asked, config] = call.params;
    if (!READS.includes(call.method) || !finalSchema.safeParse(config).success) return honest(call);
    const key = JSON.stringify([call.method, asked]);
    const before = told.get(key);
    if (isHeld && before !== undefined) return { body: before };
    const body = await call.forward();
    told.set(key, body);
    return { body };
  };
  const chain = connectChain({ url: endpoint.url, wsUrl: rental.net.chain.wsUrl });
  ctx = { ...rental.ctx, chain };
});
afterAll(async () => {
  await endpoint?.stop();
  await rental?.close();
});

/** Does something on the chain of which nothing is final yet for who asks this endpoint. */
async function notFinal(step: () => Promise<void>): Promise<void> {
  isHeld = true;
  await step();
  isHeld = false;
}

test("an escrow that is confirmed and not final starts nothing", async () => {
  const rented = await rental.book(undefined, { opens: () => false });
  const seen = async () => (await escrowsOf(ctx, rented.clusterId)).map(({ state }) => state);
  await reconcileEscrows(ctx);
  await notFinal(async () => {
    await rental.open(rented.reservation);
    await reconcileEscrows(ctx);
    expect(await seen()).toEqual([]);
  });
  await reconcileEscrows(ctx);
  expect(await seen()).toEqual(["funded"]);
});

test("a top-up that is confirmed and not final lets nobody work on", async () => {
  const rented = await rental.rentOne();
  const budgets = async () =>
    (await findCluster(ctx, rented.clusterId))?.leases.map(({ maxSeconds }) => maxSeconds);
  await reconcileSettlement(ctx);
  await notFinal(async () => {
    const { chain, engineer } = rental.net;
    const record = await rental.escrowOf(rented);
    const escrow = await readEscrow(chain, address(record.address), "confirmed");
    if (escrow === null) throw new Error("the escrow is open");
    const amount = topUpCost({ escrow, seconds: 60 });
    const instruction = await topUpInstruction({ payer: engineer, escrow, amount, seconds: 60 });
    await send(chain, { payer: engineer, instructions: [instruction], commitment: "finalized" });
    await reconcileSettlement(ctx);
    expect(await budgets()).toEqual([600, 600, 600]);
  });
  await reconcileSettlement(ctx);
  expect(await budgets()).toEqual([660, 660, 660]);
});

test("an escrow whose closing is confirmed and not final is not accounted for yet", async () => {
  const rented = await rental.rentOne();
  const before = await rental.balances(rented);
  await rental.end(rented);
  await reconcileSettlement(ctx);
  await notFinal(async () => {
    await sleep(1500);
    for (let round = 0; round < 3; round++) await reconcileSettlement(ctx);
    expect(await rental.settlement(rented)).toMatchObject({ state: "settling" });
  });
  await rental.untilSettled(rented, ctx);
  await rental.expectPaidOnce(rented, before);
});
