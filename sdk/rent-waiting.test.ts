import { createServer, type Server, type ServerResponse } from "node:http";
import { type RequestEvent, type RequestId, requestSchema, reservationSchema } from "@ionet/protocol";
import { generateKeyPairSigner } from "@solana/kit";
import { afterEach, expect, test } from "vitest";
import { createIonet } from "./client.ts";
import { followRequest } from "./follow-request.ts";
import { patiently } from "./patiently.ts";
import { resumeRequest, type WaitingEvent } from "./rent-waiting.ts";

const supplier = "SysvarC1ock11111111111111111111111111111111";
const mint = "So11111111111111111111111111111111111111112";
const id = (prefix: string) => `${prefix}_00000000000000000001`;
const requestId = id("req") as RequestId;
const firstPauseMs = 5;

const request = (state: "waiting" | "held" | "fulfilled" | "cancelled") => ({
  id: requestId,
  state,
  reason: null,
  demand: { gpuModel: "a100-40gb", gpuCount: 1, durationSeconds: 100, currency: "USDC", minSuppliers: 1 },
  createdAt: "2026-01-01T00:00:00.000Z",
  waitUntil: "2036-01-01T00:00:00.000Z",
  position: state === "waiting" ? 1 : null,
  waitsFor: null,
  earliestAt: null,
  reservationId: state === "held" || state === "fulfilled" ? id("res") : null,
});
const reservation = {
  id: id("res"),
  quoteId: id("quo"),
  clusterId: id("clu"),
  state: "held",
  reason: null,
  leases: [
    {
      ...{ leaseId: id("lea"), nodeId: id("nod"), supplier, supplierKind: "miner", country: "DE" },
      ...{ gpuModel: "a100-40gb", gpus: [0], simulated: true, priceMicroUsdPerGpuHour: "380000" },
      ...{ ratePerHour: "380000", maxSeconds: 100 },
    },
  ],
  escrows: [
    { address: supplier, number: "1", mint, deposit: "10556", feeBps: 200, firstLease: 0, leaseCount: 1 },
  ],
  deposit: "10556",
  expiresAt: "2036-01-01T00:01:30.000Z",
};
const network = {
  version: "1",
  chain: { genesisHash: supplier, rpcUrl: "http://127.0.0.1:9", wsUrl: "ws://127.0.0.1:9" },
  escrowProgram: supplier,
  treasury: supplier,
  currencies: [{ symbol: "USDC", mint, decimals: 6, feeBps: 200, price: null }],
  ...{ rayVersion: "2", holdSeconds: 90, minimumSeconds: 60 },
};
const event = (number: number, name: RequestEvent["event"]): RequestEvent => ({
  id: number,
  at: "2026-01-01T00:00:00.000Z",
  event: name,
  detail: null,
  reservationId: null,
});

type Plane = {
  events: RequestEvent[];
  ended: boolean;
  streams: boolean;
  breaksAfter: number;
  asked: string[];
};
let server: Server | undefined;
afterEach(
  () =>
    new Promise<void>((resolve) => {
      server?.closeAllConnections();
      if (server?.listening) server.close(() => resolve());
      else resolve();
    }),
);

/** A control plane with one request and what happened to it; a stream breaks after so many events. */
async function controlPlane(of: Partial<Plane> = {}) {
  const plane: Plane = { events: [], ended: false, streams: true, breaksAfter: 99, asked: [], ...of };
  const answer = (response: ServerResponse, body: unknown) =>
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
  const started = createServer((call, response) => {
    const url = new URL(call.url ?? "", "http://plane");
    const wants = call.headers.accept === "text/event-stream";
    const after = Number(call.headers["last-event-id"] ?? url.searchParams.get("after") ?? 0);
    plane.asked.push(`${wants ? "STREAM" : call.method} ${url.pathname.split("/")[2]} ${after}`);
    const items = plane.events.filter((one) => one.id > after);
    const last = items.at(-1) ?? plane.events.at(-1);
    if (call.method === "DELETE") return answer(response, request("cancelled"));
    if (url.pathname.startsWith("/v1/network")) return answer(response, network);
    if (url.pathname.startsWith("/v1/reservations/")) return answer(response, reservation);
    if (!url.pathname.endsWith("/events"))
      return answer(
        response,
        request(last?.event === "held" || last?.event === "fulfilled" ? last.event : "waiting"),
      );
    if (!wants || !plane.streams) return answer(response, { items, ended: plane.ended });
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const one of items.slice(0, plane.breaksAfter))
      response.write(`id: ${one.id}\nevent: ${one.event}\ndata: ${JSON.stringify(one)}\n\n: a comment\n\n`);
    if (items.length > plane.breaksAfter) response.write("id: 99\nda", () => response.destroy());
    else response.end();
  });
  server = started;
  const listen = (port: number) =>
    new Promise<number>((resolve) =>
      started.listen(port, "127.0.0.1", () => {
        const address = started.address();
        resolve(typeof address === "object" && address !== null ? address.port : 0);
      }),
    );
  const port = await listen(0);
  const stop = () =>
    new Promise<void>((resolve) => {
      started.close(() => resolve());
      started.closeAllConnections();
    });
  return { plane, url: `http://127.0.0.1:${port}`, stop, start: () => listen(port) };
}

async function followed(url: string, after = 0): Promise<number[]> {
  const seen: number[] = [];
  for await (const { id } of followRequest(createIonet({ url }), requestId, { after, firstPauseMs }))
    seen.push(id);
  return seen;
}

const story = [event(3, "created"), event(5, "waits"), event(8, "held"), event(9, "fulfilled")];

test("a stream that breaks is opened anew after the last event seen: each is told once", async () => {
  const { plane, url } = await controlPlane({ events: story, ended: true, breaksAfter: 1, streams: true });
  plane.ended = false;
  const seen: number[] = [];
  for await (const { id } of followRequest(createIonet({ url }), requestId, { firstPauseMs })) {
    seen.push(id);
    if (id === 9) plane.ended = true;
  }
  expect(seen).toEqual([3, 5, 8, 9]);
  expect(plane.asked.slice(0, 2)).toEqual(["STREAM requests 0", "GET requests 3"]);
});

test("who has seen all of a request that has ended is told nothing more, and not kept waiting", async () => {
  const { url } = await controlPlane({ events: story, ended: true });
  expect(await followed(url)).toEqual([3, 5, 8, 9]);
  expect(await followed(url, 5)).toEqual([8, 9]);
  expect(await followed(url, 9)).toEqual([]);
});

test("where no stream comes through, events come by long polls", async () => {
  const { plane, url } = await controlPlane({ events: story, ended: true, streams: false });
  expect(await followed(url)).toEqual([3, 5, 8, 9]);
  expect(plane.asked).toEqual(["STREAM requests 0", "GET requests 0"]);
});

/** Goes on with the request until it is held; then the engineer says no. */
async function resumed(ionet: ReturnType<typeof createIonet>, of: { waitUntil?: string } = {}) {
  const told: WaitingEvent["event"][] = [];
  const waiting = requestSchema.parse({ ...request("waiting"), ...of });
  const rented = resumeRequest(ionet, await generateKeyPairSigner(), waiting, {
    firstPauseMs,
    approve: (held) => {
      expect(held).toEqual(reservationSchema.parse(reservation));
      return false;
    },
    onEvent: (event) => told.push(event.event),
  });
  return { told, rented };
}

test("a network that fails three times is told of and waited for; then what is held is seen", async () => {
  const { url } = await controlPlane({ events: [event(1, "created"), event(2, "held")] });
  let failures = 3;
  const failing: typeof fetch = async (...call) => {
    if (failures-- > 0) throw new TypeError("fetch failed");
    return fetch(...call);
  };
  const { told, rented } = await resumed(createIonet({ url, fetch: failing }));
  expect(await rented).toBeNull();
  // The first that failed was the stream, which is opened anew without a word.
  expect(told).toEqual(["unreachable", "unreachable", "held", "cancelled"]);
});

test("a request that was paid before is not asked about again nor cancelled: its cluster is waited for", async () => {
  const { plane, url } = await controlPlane({ events: story, ended: true });
  const { told, rented } = await resumed(createIonet({ url }));
  // This control plane has no clusters, and says something else.
  await expect(rented).rejects.toThrow();
  expect(plane.asked.some((call) => call.startsWith("GET clusters"))).toBe(true);
  expect(plane.asked.some((call) => call.startsWith("DELETE"))).toBe(false);
  expect(told).not.toContain("held");
  expect(told).not.toContain("cancelled");
});

test("a control plane that is stopped and started again while somebody waits is waited for", async () => {
  const { plane, url, stop, start } = await controlPlane({ events: [event(1, "created")] });
  const { told, rented } = await resumed(createIonet({ url }));
  while (!told.includes("waiting")) await new Promise((resolve) => setTimeout(resolve, 5));
  await stop();
  while (!told.includes("unreachable")) await new Promise((resolve) => setTimeout(resolve, 5));
  plane.events.push(event(2, "held"));
  await start();
  expect(await rented).toBeNull();
  expect(told.at(0)).toBe("waiting");
  expect(told.slice(-2)).toEqual(["held", "cancelled"]);
});

test("once the request has stopped waiting nobody is waited for: it is said that the request is left", async () => {
  const dead = createIonet({
    url: "http://127.0.0.1:9",
    fetch: () => Promise.reject(new TypeError("fetch failed")),
  });
  const { told, rented } = await resumed(dead, { waitUntil: new Date(Date.now() + 1_500).toISOString() });
  await expect(rented).rejects.toMatchObject({ code: "unavailable" });
  expect(told.at(0)).toBe("unreachable");
  expect(told.at(-1)).toBe("left");
});

test("pauses double up to 15 s, and a refusal is no reason to ask again", async () => {
  const pauses: number[] = [];
  let nowMs = 0;
  const clock = { now: () => nowMs };
  const ionet = createIonet({ url: "http://127.0.0.1:9", fetch: () => Promise.reject(new TypeError("no")) });
  const patience = {
    clock,
    firstPauseMs: 1,
    untilMs: 100,
    onUnreachable: (_: unknown, ms: number) => pauses.push(ms),
  };
  const asking = patiently(async () => {
    nowMs += 20;
    return ionet.getNetwork();
  }, patience);
  await expect(asking).rejects.toMatchObject({ code: "unavailable" });
  expect(pauses).toEqual([1, 2, 4, 8]);
  let asked = 0;
  const refused = patiently(async () => {
    asked++;
    throw new Error("no");
  }, patience);
  await expect(refused).rejects.toThrow("no");
  expect(asked).toBe(1);
});

test("an answer that breaks off in the middle is a control plane that does not answer", async () => {
  const broken = createServer((_, response) => {
    response.writeHead(200, { "content-length": "100" });
    response.write("{", () => response.destroy());
  });
  server = broken;
  await new Promise<void>((resolve) => broken.listen(0, "127.0.0.1", resolve));
  const address = broken.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const ionet = createIonet({ url: `http://127.0.0.1:${port}` });
  await expect(ionet.getNetwork()).rejects.toMatchObject({ code: "unavailable" });
});
