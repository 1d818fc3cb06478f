import { makeId, microUsdPerGpuHour, type NodeId } from "@ionet/protocol";
import fc from "fast-check";
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Db } from "../../platform/context.ts";
import { forgetOldTransactions } from "../../platform/database/after-restore.ts";
import { openTestContext, type TestContext } from "../../platform/testing/context.ts";
import { REACHABLE_MS } from "../nodes/model.ts";
import { observeNode } from "../nodes/observe-node.ts";
import { changedNodes, EVERYTHING, writeTerms } from "../nodes/store.ts";
import { addTestNode, observationOf } from "../nodes/testing/node.ts";
import { openAllocation } from "./allocation/allocation.ts";
import { nodeNumbersOf, releaseGpus } from "./hold-gpus.ts";
import { type LiveOffers, openLiveOffers } from "./live-offers.ts";
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
  expect((await ctx.offers.free()).map(({ nodeId }) => nodeId)).toEqual([honest.nodeId]);
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

  const [offer] = await ctx.offers.free();
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
  const offer = (await ctx.offers.free()).find((one) => one.nodeId === nodeId);
  if (offer === undefined) throw new Error("the node is not offered");
  return offer;
}

test("a card with memory of no size of its model is not offered as that model, whatever its agent calls it", async () => {
  const { nodeId } = await addTestNode(ctx, { model: "rtx-5060-ti", gpus: 2 });
  await sql`update nodes set hardware = jsonb_set(hardware::jsonb, '{gpus,1,vramMib}', '8151') where id = ${nodeId}`.execute(
    ctx.db,
  );
  expect((await ctx.offers.free()).map(({ gpuModel, vramMib }) => [gpuModel, vramMib])).toEqual([
    ["rtx-5060-ti", 16_384],
    ["rtx-5060-ti-8gb", 8151],
  ]);
});

test("outside its windows a node is not offered", async () => {
  const windows = [{ days: ["thu" as const], from: "08:00", to: "12:00", timeZone: "UTC" }];
  const { nodeId } = await addTestNode(ctx, { terms: { windows } });
  expect(await ctx.offers.free()).toEqual([]);
  ctx.clock.advance(8 * 3_600_000);
  await observeNode(ctx, nodeId, observationOf({ terms: { windows } }));
  expect((await ctx.offers.free()).map((offer) => offer.nodeId)).toEqual([nodeId]);
});

test("offers that nothing happened to are the same objects, and what happened to others is seen at once", async () => {
  const [quiet, other] = [await addTestNode(ctx), await addTestNode(ctx, { gpus: 2 })];
  const offerOf = async (nodeId: string) => (await ctx.offers.free()).find((one) => one.nodeId === nodeId);
  const before = await offerOf(quiet.nodeId);
  expect(before).toBeDefined();
  await observeNode(ctx, quiet.nodeId, observationOf());
  await observeNode(ctx, other.nodeId, observationOf({ gpus: 2, price: 700_000n }));
  expect(await offerOf(quiet.nodeId)).toBe(before);
  expect(await offerOf(other.nodeId)).toMatchObject({ priceMicroUsdPerGpuHour: 700_000n, gpusFree: 2 });
  await addDelivery(ctx.db, quiet.nodeId, { promisedSeconds: 7200, deliveredSeconds: 7200 });
  expect(await offerOf(quiet.nodeId)).toMatchObject({ reliability: { share: 1, hiredHours: 2 } });
  await observeNode(ctx, other.nodeId, observationOf({ gpus: 2, model: "t4" }));
  expect(await ctx.offers.gpuModels()).toEqual(["a100-40gb", "t4"]);
  expect((await ctx.offers.free(["t4"])).map((offer) => offer.nodeId)).toEqual([other.nodeId]);
});

test("a node that fell silent is not offered before anybody has moved it, and is again when it is heard of", async () => {
  const { nodeId } = await addTestNode(ctx);
  expect(await ctx.offers.free()).toHaveLength(1);
  ctx.clock.advance(REACHABLE_MS + 1);
  expect(await ctx.offers.free()).toEqual([]);
  expect(await ctx.offers.whole()).toEqual([]);
  await observeNode(ctx, nodeId, observationOf());
  expect(await ctx.offers.free()).toHaveLength(1);
});

test("nodes that are taken away are not offered any more", async () => {
  const [stays, goes] = [await addTestNode(ctx), await addTestNode(ctx)];
  expect(await ctx.offers.free()).toHaveLength(2);
  await sql`delete from gpu_nodes where node_id = ${goes.nodeId}`.execute(ctx.db);
  await sql`delete from nodes where id = ${goes.nodeId}`.execute(ctx.db);
  expect((await ctx.offers.free()).map((offer) => offer.nodeId)).toEqual([stays.nodeId]);
});

test("what is held is not free: by the writer's memory, and by the rows where another is the writer", async () => {
  const { nodeId } = await addTestNode(ctx, { gpus: 3 });
  const elsewhere = openLiveOffers(ctx, noWriter);
  const free = async () => [
    (await ctx.offers.free())[0]?.freeGpus,
    (await elsewhere.free())[0]?.freeGpus,
    (await ctx.offers.whole())[0]?.freeGpus,
  ];
  const nodeNumber = (await nodeNumbersOf(ctx.db, [nodeId])).get(nodeId) ?? -1;
  const all = [0, 1, 2];
  expect(await free()).toEqual([all, all, all]);
  const leaseId = makeId("lease", new Uint8Array(20));
  const allocation = openAllocation<null>(
    { openConnection: () => ({ db: ctx.db, close: async () => {} }), log: ctx.log },
    async (_db, orders) => orders.map(() => null),
  );
  const offers = openLiveOffers(ctx, allocation);
  await allocation.hold("res_test", () => [{ leaseId, nodeNumber, gpus: 0b101n }], null);
  expect((await offers.free())[0]?.freeGpus).toEqual([1]);
  expect((await elsewhere.free())[0]?.freeGpus).toEqual([1]);
  await releaseGpus(ctx.db, [leaseId]);
  expect((await offers.free())[0]?.freeGpus).toEqual(all);
  expect((await elsewhere.free())[0]?.freeGpus).toEqual(all);
  await allocation.sweep();
  expect((await offers.free())[0]?.freeGpus).toEqual(all);
  await allocation.stop();
});

/** What may happen to a node, by its place among those there are; one more: a new node. */
const happening = fc.record({
  node: fc.nat(4),
  what: fc.constantFrom("observe", "observe", "observe", "withdraw", "deliver"),
  gpus: fc.integer({ min: 1, max: 3 }),
  model: fc.constantFrom("a100-40gb", "t4"),
  price: fc.integer({ min: 1, max: 3 }).map((price) => 1000n * BigInt(price)),
  passMs: fc.constantFrom(0, 100, 20_000),
  look: fc.boolean(),
});

test("after any changes what is remembered is what a first reading finds", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { minLength: 4, maxLength: 12 }), async (happenings) => {
      await sql`truncate accounts cascade`.execute(ctx.db);
      const nodes: NodeId[] = [];
      for (const { node, what, passMs, look, ...of } of happenings) {
        const nodeId = nodes[node];
        if (nodeId === undefined) nodes.push((await addTestNode(ctx, of)).nodeId);
        else if (what === "withdraw") await writeTerms(ctx.db, nodeId, null);
        else if (what === "deliver")
          await addDelivery(ctx.db, nodeId, { promisedSeconds: 60, deliveredSeconds: 30 });
        else await observeNode(ctx, nodeId, observationOf(of));
        ctx.clock.advance(passMs);
        if (!look) continue;
        expect(await found(ctx.offers)).toEqual(await found(openLiveOffers(ctx, noWriter)));
        const prices = (await ctx.offers.free(["t4"])).map((offer) => offer.priceMicroUsdPerGpuHour);
        expect(prices).toEqual(prices.toSorted((a, b) => Number(a - b)));
      }
    }),
    { numRuns: 15 },
  );
});

const noWriter = { heldGpus: () => null };
const found = async (offers: LiveOffers) =>
  (await offers.free()).toSorted((a, b) => (a.nodeId < b.nodeId ? -1 : 1));

test("the cheapest of a model come with all of the last one's price, and what the next costs", async () => {
  for (const price of [5n, 3n, 3n, 1n]) await addTestNode(ctx, { price: 1000n * price });
  await addTestNode(ctx, { price: 2_000n, model: "t4" });
  const cheapest = async (nodes: number) => {
    const some = await ctx.offers.cheapest("a100-40gb", nodes);
    return some && [some.offers.map((offer) => offer.priceMicroUsdPerGpuHour), some.beyond];
  };
  expect(await cheapest(1)).toEqual([[1000n], 3000n]);
  expect(await cheapest(2)).toEqual([[1000n, 3000n, 3000n], 5000n]);
  expect(await cheapest(4)).toBeNull();
  // One that is held does not count, and is in.
  const [first] = (await ctx.offers.free(["a100-40gb"])).map((offer) => offer.nodeId);
  if (first === undefined) throw new Error("nodes are offered");
  const nodeNumber = (await nodeNumbersOf(ctx.db, [first])).get(first) ?? -1;
  const leaseId = makeId("lease", new Uint8Array(20).fill(7));
  await sql`update gpu_nodes set held = 1, holds = ${`${leaseId}:res_test:1`} where node_number = ${nodeNumber}`.execute(
    ctx.db,
  );
  const some = await openLiveOffers(ctx, noWriter).cheapest("a100-40gb", 1);
  expect([some?.offers.map((offer) => offer.gpusFree), some?.beyond]).toEqual([[0, 1, 1], 5000n]);
  expect(await ctx.offers.cheapest("h100-80gb", 1)).toBeNull();
});

/** A copy of a node, many times. */
const addCopies = (nodeId: NodeId, count: number) =>
  sql`insert into nodes (id, account_id, wallet, supplier_kind, public_key, state, hardware, terms, readiness,
      enrolled_at_ms, last_seen_at_ms)
    select id || n, account_id, wallet, supplier_kind, convert_to(n::text, 'UTF8'), state, hardware, terms, readiness,
      enrolled_at_ms, last_seen_at_ms from nodes, generate_series(1, ${count}::int) as n where id = ${nodeId}`.execute(
    ctx.db,
  );

test("a node that changes after its part was read, and before the last part, is read again", async () => {
  const { nodeId } = await addTestNode(ctx);
  await addCopies(nodeId, 1200);
  let parts = 0;
  const db = ctx.db.withPlugin({
    transformQuery: ({ node }) => node,
    async transformResult({ result }) {
      const isPart = result.rows.some((row) => "times_gone" in row);
      // The first finds that nodes were taken away by other tests, and begins anew.
      if (isPart && ++parts === 2) await observeNode(ctx, nodeId, observationOf({ price: 900_000n }));
      return result;
    },
  });
  const offers = openLiveOffers({ db, clock: ctx.clock }, noWriter);
  expect(await offers.free()).toHaveLength(1201);
  expect(parts).toBe(4);
  const changed = (await offers.free()).find((offer) => offer.nodeId === nodeId);
  expect(changed?.priceMicroUsdPerGpuHour).toBe(900_000n);
});

test("nodes of a database that was restored elsewhere are not taken for changed for ever", async () => {
  const { nodeId } = await addTestNode(ctx);
  await sql`update nodes set changed = '900000000000'`.execute(ctx.db);
  const since = async () => (await changedNodes(ctx, (await look()).next, { after: "", limit: 9 })).changes;
  const look = () => changedNodes(ctx, EVERYTHING, { after: "", limit: 9 });
  expect((await since()).map(({ node }) => node.id)).toEqual([nodeId]);
  await forgetOldTransactions({
    script: async (text) => {
      await sql.raw(text).execute(ctx.db);
    },
  });
  await expect.poll(since).toEqual([]);
});

test("those who ask at once get one reading, and those who ask during one a reading that begins later", async () => {
  await addTestNode(ctx);
  const offers = openLiveOffers(ctx, noWriter);
  const first = offers.free();
  const { nodeId } = await addTestNode(ctx, { price: 1_000n });
  const second = await offers.free();
  await first;
  expect(second.map((offer) => offer.nodeId)).toContain(nodeId);
});

const url = process.env.TEST_DATABASE_URL;
test.runIf(url !== undefined && url !== "")(
  "a change that commits after a later one was seen is not missed",
  async () => {
    const [slow, quick] = [await addTestNode(ctx), await addTestNode(ctx)];
    const prices = async () =>
      new Map((await ctx.offers.free()).map((one) => [one.nodeId, one.priceMicroUsdPerGpuHour]));
    const dearer = (db: Db, nodeId: NodeId) =>
      sql`update nodes set terms = jsonb_set(terms, '{priceMicroUsdPerGpuHour}', '"900000"') where id = ${nodeId}`.execute(
        db,
      );
    await ctx.db.transaction().execute(async (tx) => {
      await dearer(tx, slow.nodeId);
      await dearer(ctx.db, quick.nodeId);
      expect(await prices()).toEqual(
        new Map([
          [slow.nodeId, 400_000n],
          [quick.nodeId, 900_000n],
        ]),
      );
    });
    expect((await prices()).get(slow.nodeId)).toBe(900_000n);
  },
);
