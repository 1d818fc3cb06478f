import { sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import { addTestNode } from "../nodes/test-node.ts";
import { openTestContext, type TestContext } from "../test-context.ts";
import { listFreeOffers } from "./list-offers.ts";

let ctx: TestContext;
beforeAll(async () => {
  ctx = await openTestContext();
});
afterAll(() => ctx.close());

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
