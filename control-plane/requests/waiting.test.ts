import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Caller } from "../http/handlers.ts";
import { HOLD_SECONDS } from "../reservations/model.ts";
import { markFunded } from "../reservations/store.ts";
import { openTestContext, type TestContext } from "../test-context.ts";
import { cancelRequest } from "./cancel-request.ts";
import { openTestQueue } from "./test-queue.ts";

let ctx: TestContext;
let queue: ReturnType<typeof openTestQueue>;
let first: Caller;
let second: Caller;
const one = { gpuModel: "a100-40gb", gpuCount: 1 };

beforeAll(async () => {
  ctx = await openTestContext();
  queue = openTestQueue(ctx);
});
afterAll(() => ctx.close());
beforeEach(async () => {
  await queue.clear();
  first = await queue.engineer();
  second = await queue.engineer();
});

test("a request waits while the market is full, is held when GPUs come free, and fulfilled when they are paid", async () => {
  await queue.addNode(1);
  const running = await queue.run(first, one);
  const request = await queue.waitFor(second, { ...one, gpuModel: "NVIDIA A100 40GB" });
  expect(request).toMatchObject({ state: "waiting", position: null, demand: { gpuModel: "a100-40gb" } });
  await queue.round();
  const waits = await queue.see(second, request);
  expect(waits).toMatchObject({
    state: "waiting",
    position: 1,
    waitsFor: { detail: "asked: 1 × a100-40gb; free now: 0, from 0 suppliers", field: "gpuCount" },
  });
  // The running lease may begin 240 s after it was booked, and last an hour.
  expect(Date.parse(waits.earliestAt ?? "")).toBe(ctx.clock.now() + (240 + 3600) * 1000);
  await queue.end(running);
  await queue.round();
  const held = await queue.see(second, request);
  expect(held).toMatchObject({ state: "held", position: null, reservationId: expect.any(String) });
  if (held.reservationId !== null) await markFunded(ctx.db, held.reservationId);
  await queue.round();
  expect(await queue.see(second, request)).toMatchObject({
    state: "fulfilled",
    reservationId: held.reservationId,
  });
  expect(await queue.eventsOf(request)).toEqual(["created", "waits", "held", "fulfilled"]);
});

test("a hold that lapses goes back to the end of the queue once, then the request has expired", async () => {
  await queue.addNode(1);
  const request = await queue.waitFor(first, one);
  await queue.round();
  const other = await queue.waitFor(second, one);
  await queue.pass(HOLD_SECONDS);
  await queue.round();
  expect([await queue.see(first, request), await queue.see(second, other)]).toMatchObject([
    { state: "waiting" },
    { state: "held" },
  ]);
  await cancelRequest(ctx, second, other.id);
  await queue.round();
  expect(await queue.see(first, request)).toMatchObject({ state: "held" });
  await queue.pass(HOLD_SECONDS);
  await queue.round();
  expect(await queue.see(first, request)).toMatchObject({ state: "expired", reservationId: null });
  const told = (await queue.eventsOf(request)).filter((event) => event !== "waits");
  expect(told).toEqual(["created", "held", "lapsed", "held", "expired"]);
});
