import { microUsdPerGpuHour } from "@ionet/protocol";
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { observeNode } from "../nodes/observe-node.ts";
import { addTestNode, observationOf } from "../nodes/test-node.ts";
import { openTestContext, type TestContext } from "../test-context.ts";
import { listFreeOffers } from "./list-offers.ts";
import { addDelivery } from "./reliability.ts";

let ctx: TestContext;
beforeAll(async () => {
  ctx = await openTestContext();
});
afterAll(() => ctx.close());
beforeEach(() => sql`truncate accounts cascade`.execute(ctx.db));

test("what a node said before it was checked is offered only when it can be booked", async () => {
  const honest = await addTestNode(ctx, { gpus: 2 });
  const twice = await addTestNode(ctx, { gpus: 2 });
  const free = await addTestNode(ctx);
  await sql`update nodes set hardware = jsonb_set(hardware::jsonb, '{gpus,1,index}', '0') where id = ${twice.nodeId}`.execute(
    ctx.db,
  );
  await sql`update nodes set terms = jsonb_set(terms::jsonb, '{priceMicroUsdPerGpuHour}', '"0"') where id = ${free.nodeId}`.execute(
    ctx.db,
  );
  expect((await listFreeOffers(ctx)).map(({ nodeId }) => nodeId)).toEqual([honest.nodeId]);
});

test("an offer tells all that a node can be hired for, and what became of its time so far", async () => {
  const { nodeId } = await addTestNode(ctx, { country: "NO" });
  const seen = observationOf({
    country: "NO",
    terms: {
      interruptiblePriceMicroUsdPerGpuHour: microUsdPerGpuHour(200_000n),
      minSeconds: 600,
      maxSeconds: 86_400,
      windows: [{ days: ["thu"], from: "00:00", to: "12:00", timeZone: "UTC" }],
    },
  });
  const link = { upMbps: 90, downMbps: 400, measuredAt: "2026-01-01T00:00:00.000Z", loopback: false };
  const card = { driverVersion: "570.86.15", cudaVersion: "12.8", interconnect: "nvlink" } as const;
  await observeNode(ctx, nodeId, { ...seen, hardware: { ...seen.hardware, ...card, link } });
  await addDelivery(ctx.db, nodeId, { promisedSeconds: 36_000, deliveredSeconds: 18_000 });

  const [offer] = await listFreeOffers(ctx);
  expect(offer).toMatchObject({
    ...{ country: "NO", region: "eu", vramMib: 40_960, cpus: 8, memoryMib: 65_536, diskFreeMib: 100_000 },
    ...{ interruptiblePriceMicroUsdPerGpuHour: 200_000n, minSeconds: 600, maxSeconds: 86_400 },
    availableUntil: "2026-01-01T12:00:00.000Z",
    ...{ upMbps: 90, downMbps: 400, ...card },
    reliability: { share: 0.5, hiredHours: 10, lowerBound: expect.closeTo(0.2366, 4) },
    ...{ verified: false, currencies: ["USDC", "SOL"], source: "network", bookable: true, link: null },
  });
  expect((await addAndFind()).reliability).toEqual({ share: 0, hiredHours: 0, lowerBound: 0 });
});

async function addAndFind() {
  const { nodeId } = await addTestNode(ctx);
  const offer = (await listFreeOffers(ctx)).find((one) => one.nodeId === nodeId);
  if (offer === undefined) throw new Error("the node is not offered");
  return offer;
}

test("outside its windows a node is not offered", async () => {
  const windows = [{ days: ["thu" as const], from: "08:00", to: "12:00", timeZone: "UTC" }];
  const { nodeId } = await addTestNode(ctx, { terms: { windows } });
  expect(await listFreeOffers(ctx)).toEqual([]);
  ctx.clock.advance(8 * 3_600_000);
  await observeNode(ctx, nodeId, observationOf({ terms: { windows } }));
  expect((await listFreeOffers(ctx)).map((offer) => offer.nodeId)).toEqual([nodeId]);
});
