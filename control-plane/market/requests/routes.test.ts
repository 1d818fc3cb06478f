import type { FastifyInstance } from "fastify";
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { authenticateBearer } from "../../platform/accounts/authenticate.ts";
import { signInTestWallet } from "../../platform/accounts/testing/wallet.ts";
import { createLog } from "../../platform/http/log.ts";
import { createMetrics } from "../../platform/http/metrics.ts";
import { createServer } from "../../platform/http/server.ts";
import { openTestContext, type TestContext } from "../../platform/testing/context.ts";
import { createRequests } from "./routes.ts";
import { openTestQueue } from "./testing/queue.ts";

let ctx: TestContext;
let queue: ReturnType<typeof openTestQueue>;
let requests: ReturnType<typeof createRequests>;
let server: FastifyInstance;
let url: string;
let token: string;
const one = { gpuModel: "a100-40gb", gpuCount: 1 };
const after = (seconds: number) => new Date(ctx.clock.now() + seconds * 1000).toISOString();

beforeAll(async () => {
  ctx = await openTestContext();
  queue = openTestQueue(ctx);
  requests = createRequests(queue.requestContext);
  server = createServer({
    ctx,
    log: createLog("silent", process.stderr),
    handlers: requests.handlers,
    authenticate: (bearer) => authenticateBearer(ctx, bearer),
    verifyNode: () => Promise.reject(new Error("no agent calls here")),
    metrics: createMetrics({}),
  });
  url = await server.listen({ host: "127.0.0.1", port: 0 });
});
afterAll(async () => {
  await server.close();
  await ctx.close();
});
beforeEach(async () => {
  await queue.clear();
  ({ token } = await signInTestWallet(ctx));
});

const call = (method: "GET" | "POST" | "DELETE", path: string, payload?: object, bearer = token) =>
  server.inject({
    method,
    url: path,
    headers: {
      authorization: `Bearer ${bearer}`,
      ...(payload ? { "content-type": "application/json" } : {}),
    },
    ...(payload ? { payload: JSON.stringify(payload) } : {}),
  });
const create = async (body: object = {}) =>
  (await call("POST", "/v1/requests", { ...one, waitUntil: after(3600), ...body })).json();

test.each<[what: string, body: () => object, field: string, code?: string]>([
  ["until a time that is over", () => ({ waitUntil: after(-1) }), "waitUntil"],
  ["until now", () => ({ waitUntil: after(0) }), "waitUntil"],
  ["longer than 30 days", () => ({ waitUntil: after(30 * 86_400 + 1) }), "waitUntil"],
  ["until a day that is none", () => ({ waitUntil: "2026-02-30T00:00:00Z" }), "waitUntil"],
  ["until a time without a zone", () => ({ waitUntil: "2026-01-02 18:00" }), "waitUntil"],
  ["without an end", () => ({ waitUntil: undefined }), "waitUntil"],
  ["for a price of nothing", () => ({ maxPriceMicroUsdPerGpuHour: "0" }), "maxPriceMicroUsdPerGpuHour"],
  ["for a negative price", () => ({ maxPriceMicroUsdPerGpuHour: "-1" }), "maxPriceMicroUsdPerGpuHour"],
  [
    "for a price above any",
    () => ({ maxPriceMicroUsdPerGpuHour: "1000000001" }),
    "maxPriceMicroUsdPerGpuHour",
  ],
  [
    "for a price that overflows",
    () => ({ maxPriceMicroUsdPerGpuHour: "9".repeat(30) }),
    "maxPriceMicroUsdPerGpuHour",
  ],
  ["for no GPU", () => ({ gpuCount: 0 }), "gpuCount"],
  ["for more suppliers than GPUs", () => ({ minSuppliers: 2 }), "minSuppliers"],
  ["for a model that nobody knows", () => ({ gpuModel: "z9000" }), "gpuModel", "gpu-model-unknown"],
  [
    "in SOL for longer than its price holds",
    () => ({ currency: "SOL", durationSeconds: 86_401 }),
    "durationSeconds",
  ],
])(
  "a request that waits %s is refused by its field's name, and nothing is written",
  async (_what, body, field, code = "invalid-request") => {
    const answer = await create(body());
    expect(answer).toMatchObject({ code, field, detail: expect.any(String), next: expect.any(String) });
    const { rows } = await sql`select 1 from requests`.execute(ctx.db);
    expect(rows).toEqual([]);
  },
);

test("a request is made, listed newest first a page at a time, and seen by its engineer alone", async () => {
  const a = await create();
  ctx.clock.advance(1000);
  const b = await create();
  const page = (await call("GET", "/v1/requests?limit=1")).json();
  expect([page.items.map(({ id }: { id: string }) => id), page.nextCursor]).toEqual([
    [b.id],
    expect.any(String),
  ]);
  const rest = (await call("GET", `/v1/requests?limit=1&cursor=${page.nextCursor}`)).json();
  expect([rest.items.map(({ id }: { id: string }) => id), rest.nextCursor]).toEqual([[a.id], null]);
  expect((await call("GET", "/v1/requests?cursor=nonsense")).json()).toMatchObject({ field: "cursor" });
  const stranger = (await signInTestWallet(ctx)).token;
  for (const path of [`/v1/requests/${a.id}`, `/v1/requests/${a.id}/events`]) {
    expect((await call("GET", path)).statusCode).toBe(200);
    expect((await call("GET", path, undefined, stranger)).json()).toMatchObject({ code: "not-found" });
  }
  expect((await call("DELETE", `/v1/requests/${a.id}`, undefined, stranger)).statusCode).toBe(404);
});

/** Reads an event stream until it ends, or until as many events have come. */
async function stream(id: string, { lastEventId, most }: { lastEventId?: number; most: number }) {
  const ending = new AbortController();
  const headers: Record<string, string> = { authorization: `Bearer ${token}`, accept: "text/event-stream" };
  if (lastEventId !== undefined) headers["last-event-id"] = String(lastEventId);
  const response = await fetch(`${url}/v1/requests/${id}/events`, { headers, signal: ending.signal });
  const type = response.headers.get("content-type");
  let text = "";
  const eventsIn = () =>
    [...text.matchAll(/id: (\d+)\nevent: (\w+)\ndata: (.*)\n\n/g)].map(([, id, event, data]) => ({
      id: Number(id),
      event,
      data: JSON.parse(data ?? "{}"),
    }));
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString();
    if (eventsIn().length >= most) break;
  }
  ending.abort();
  return { type, events: eventsIn() };
}

test("an event stream tells what happens as it happens, goes on after the last one seen, and ends with the request", async () => {
  const { id } = await create();
  const first = await stream(id, { most: 1 });
  expect(first.type).toContain("text/event-stream");
  expect(first.events).toMatchObject([{ event: "created", data: { event: "created", detail: null } }]);
  const rest = stream(id, { lastEventId: first.events[0]?.id ?? 0, most: 99 });
  await requests.reconcile();
  await queue.addNode(1);
  await requests.reconcile();
  await call("DELETE", `/v1/requests/${id}`);
  const { events } = await rest;
  // What it waits for is replaced by what is newer, so a slow reader may miss it; never the rest.
  expect(events.map(({ event }) => event).filter((event) => event !== "waits")).toEqual([
    "held",
    "cancelled",
  ]);
  expect((await call("GET", `/v1/requests/${id}/events?after=${events.at(-1)?.id}`)).json()).toEqual({
    items: [],
    ended: true,
  });
});

test("a held back answer is given when something happens, and a plain one at once", async () => {
  const { id } = await create();
  const { items, ended } = (await call("GET", `/v1/requests/${id}/events`)).json();
  expect([items.length, ended]).toEqual([1, false]);
  const path = `/v1/requests/${id}/events?after=${items[0].id}`;
  expect((await call("GET", path)).json()).toEqual({ items: [], ended: false });
  const held = call("GET", `${path}&waitSeconds=30`);
  await requests.reconcile();
  expect((await held).json().items).toMatchObject([
    { event: "waits", detail: expect.stringContaining("free now: 0") },
  ]);
  expect((await call("GET", `${path}&waitSeconds=31`)).json()).toMatchObject({ field: "waitSeconds" });
  const wrong = await fetch(`${url}/v1/requests/${id}/events`, {
    headers: { authorization: `Bearer ${token}`, accept: "text/event-stream", "last-event-id": "x" },
  });
  expect([wrong.status, (await wrong.json()).code]).toEqual([400, "invalid-request"]);
});
