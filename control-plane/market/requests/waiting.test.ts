import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Caller } from "../../platform/http/handlers.ts";
import { openTestContext, type TestContext } from "../../platform/testing/context.ts";
import { listBackfills } from "../../supply/inventory/backfill.ts";
import { HOLD_SECONDS } from "../reservations/model.ts";
import { markFunded } from "../reservations/store.ts";
import { cancelRequest } from "./cancel-request.ts";
import { FUNDS_SEEN_MS, LOOK_AT_FUNDS_MS, LOOKED_AT_ONCE, MAX_OPEN_REQUESTS, RETRY_MS } from "./model.ts";
import { ownRequest } from "./own-request.ts";
import { requestsOfAccount } from "./store.ts";
import { openTestQueue } from "./testing/queue.ts";

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

test("a hold that lapses after its time, or a wait that ends, is the end", async () => {
  await queue.addNode(1);
  const held = await queue.waitFor(first, one, HOLD_SECONDS);
  await queue.round();
  const waits = await queue.waitFor(second, one, HOLD_SECONDS);
  await queue.pass(HOLD_SECONDS - 1);
  await queue.round();
  expect((await queue.see(second, waits)).state).toBe("waiting");
  await queue.pass(1);
  await queue.round();
  expect(await queue.see(second, waits)).toMatchObject({
    state: "expired",
    reason: "nothing that met it came free in time",
  });
  expect(await queue.see(first, held)).toMatchObject({
    state: "expired",
    reason: expect.stringContaining("its time was over then"),
  });
});

test("who cancels gives up its place; what was held is free at once; twice is as once; and only its own", async () => {
  await queue.addNode(1);
  const held = await queue.waitFor(first, one);
  await queue.round();
  const next = await queue.waitFor(second, one);
  await queue.round();
  await expect(cancelRequest(ctx, second, held.id)).rejects.toMatchObject({ code: "not-found" });
  const cancelled = await cancelRequest(ctx, first, held.id);
  expect(cancelled).toMatchObject({ state: "cancelled", reservationId: null });
  expect(await cancelRequest(ctx, first, held.id)).toEqual(cancelled);
  await queue.round();
  const { reservationId } = await queue.see(second, next);
  if (reservationId === null) throw new Error("not held");
  await markFunded(ctx.db, reservationId);
  await expect(cancelRequest(ctx, second, next.id)).rejects.toMatchObject({ code: "request-ended" });
  await queue.round();
  await expect(cancelRequest(ctx, second, next.id)).rejects.toMatchObject({
    code: "request-ended",
    input: { detail: "the request is fulfilled" },
  });
  expect((await queue.see(second, next)).state).toBe("fulfilled");
});

test("a quote or a booking for now leaves to a waiting gang what it will take, unless it is gone by then", async () => {
  await queue.addNode(1);
  await queue.addNode(1);
  const running = await queue.run(first, { ...one, durationSeconds: 7200 });
  const old = await queue.quoteNow(first, { ...one, durationSeconds: 86_400 });
  const gang = await queue.waitFor(second, { ...one, gpuCount: 2 });
  await queue.round();
  expect((await queue.see(second, gang)).earliestAt).toBe(
    new Date(ctx.clock.now() + 7_440_000).toISOString(),
  );
  await expect(queue.bookNow(first, { ...one, durationSeconds: 86_400 })).rejects.toMatchObject({
    code: "supply-insufficient",
    input: { detail: expect.stringContaining("1 more are reserved for requests that wait longer") },
  });
  await expect(queue.take(first, old)).rejects.toMatchObject({
    code: "quote-taken",
    input: { detail: expect.stringContaining("reserved for a request") },
  });
  const { leases } = await queue.bookNow(first, one);
  expect(leases.map(({ nodeId }) => nodeId)).not.toEqual(running.leases.map(({ nodeId }) => nodeId));
});

test("whose wallet does not show an hour's price may not wait: nothing is written", async () => {
  await queue.addNode(1);
  // The cheapest GPU of the model costs $0.40 an hour.
  queue.setBalance(399_999n);
  await expect(queue.waitFor(first, one)).rejects.toMatchObject({
    code: "wallet-cannot-pay",
    input: { given: expect.stringContaining("0.399999 USDC"), allowed: expect.stringContaining("0.40 USDC") },
  });
  expect((await requestsOfAccount(ctx.db, first.accountId, { after: null, limit: 9 })).length).toBe(0);
  queue.setBalance(400_000n);
  expect((await queue.waitFor(first, one)).state).toBe("waiting");
});

test("a refused wallet stands back and is told why; nobody waits for it, and it is served when it can pay", async () => {
  await queue.addNode(1);
  const poor = await queue.waitFor(first, one);
  queue.setBalance(0n);
  await queue.round();
  expect(await queue.see(first, poor)).toMatchObject({
    state: "waiting",
    waitsFor: { detail: expect.stringContaining("does not show an hour's price") },
  });
  queue.setBalance(1_000_000_000n);
  const next = await queue.waitFor(second, one);
  await queue.round();
  expect([(await queue.see(first, poor)).state, (await queue.see(second, next)).state]).toEqual([
    "waiting",
    "held",
  ]);
  await cancelRequest(ctx, second, next.id);
  await queue.pass(RETRY_MS / 1000);
  await queue.round();
  expect((await queue.see(first, poor)).state).toBe("held");
});

test("each refusal doubles the time that a wallet stands back, and a booking ends the row", async () => {
  await queue.addNode(1);
  const poor = await queue.waitFor(first, one);
  const standsBack = async () => {
    const { tryAfterMs } = await ownRequest(ctx, first, poor.id);
    return (tryAfterMs - ctx.clock.now()) / RETRY_MS;
  };
  queue.setBalance(0n);
  for (const times of [1, 2, 4, 8]) {
    await queue.round();
    expect(await standsBack()).toBe(times);
    await queue.pass((times * RETRY_MS) / 1000);
  }
  queue.setBalance(1_000_000_000n);
  await queue.round();
  expect(await ownRequest(ctx, first, poor.id)).toMatchObject({ state: "held", refusals: 0 });
});

test("who shows no money any more has nothing reserved, though nobody tried to book for it", async () => {
  await queue.addNode(1);
  await queue.addNode(1);
  await queue.run(second, { ...one, durationSeconds: 7200 });
  const gang = await queue.waitFor(first, { ...one, gpuCount: 2 });
  const reservedFor = async () => [
    ...new Set((await listBackfills(ctx.db)).map(({ requestId }) => requestId)),
  ];
  await queue.round();
  expect(await reservedFor()).toEqual([gang.id]);
  queue.setBalance(0n);
  await queue.pass(LOOK_AT_FUNDS_MS / 1000);
  await queue.round();
  expect(await reservedFor()).toEqual([]);
  expect((await queue.see(first, gang)).waitsFor?.detail).toContain("does not show an hour's price");
  queue.setBalance(1_000_000_000n);
  // It has money again, but stands back: others go first until its time.
  await queue.pass(RETRY_MS / 1000 - 1);
  await queue.round();
  expect(await reservedFor()).toEqual([]);
  await queue.pass(1);
  await queue.round();
  expect(await reservedFor()).toEqual([gang.id]);
});

test("the wallet of who holds a backfill reservation is looked at before those of many who wait longer for theirs to be", async () => {
  await queue.addNode(1);
  await queue.addNode(1);
  await queue.run(second, { ...one, durationSeconds: 7200 });
  // Nobody has so many: nothing is reserved for them.
  for (let i = 0; i < LOOKED_AT_ONCE; i++) await queue.waitFor(second, { ...one, gpuCount: 9 });
  await queue.pass(1);
  const gang = await queue.waitFor(first, { ...one, gpuCount: 2 });
  for (let i = 0; i < 2; i++) await queue.round();
  expect(new Set((await listBackfills(ctx.db)).map(({ requestId }) => requestId))).toEqual(
    new Set([gang.id]),
  );
  await queue.pass(LOOK_AT_FUNDS_MS / 1000);
  await queue.round();
  expect(await ownRequest(ctx, first, gang.id)).toMatchObject({ fundsSeenAtMs: ctx.clock.now() });
});

test("while the chain does not answer, what a wallet showed counts for five minutes", async () => {
  await queue.addNode(1);
  const running = await queue.run(second, { ...one, durationSeconds: 7200 });
  expect(running.leases).toHaveLength(1);
  await queue.waitFor(first, one);
  queue.setBalance(null);
  await queue.pass(FUNDS_SEEN_MS / 1000);
  await queue.round();
  expect(await listBackfills(ctx.db)).toHaveLength(1);
  await queue.pass(1);
  await queue.round();
  expect(await listBackfills(ctx.db)).toEqual([]);
});

test("the twenty-first open request of an account is refused, and nothing is written", async () => {
  const many = await Promise.all(Array.from({ length: MAX_OPEN_REQUESTS }, () => queue.waitFor(first, one)));
  await expect(queue.waitFor(first, one)).rejects.toMatchObject({ code: "too-many-waiting" });
  await queue.waitFor(second, one);
  const [oldest] = many;
  if (oldest !== undefined) await cancelRequest(ctx, first, oldest.id);
  await queue.waitFor(first, one);
});

test("of requests that come at once no more are taken than the account may have", async () => {
  const asked = Array.from({ length: 2 * MAX_OPEN_REQUESTS }, () => queue.waitFor(first, one));
  const answers = await Promise.allSettled(asked);
  expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(MAX_OPEN_REQUESTS);
  expect((await requestsOfAccount(ctx.db, first.accountId, { after: null, limit: 99 })).length).toBe(
    MAX_OPEN_REQUESTS,
  );
});
