import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { microUsdPerGpuHour, problem } from "@ionet/protocol";
import { afterEach, expect, test } from "vitest";
import { createIonet } from "./client.ts";

type Seen = { method: string; url: string; headers: IncomingMessage["headers"]; body: string };
let server: Server | undefined;

/** A server of the other side of HTTP, which answers what it is told and keeps what it saw. */
async function answering(reply: (response: ServerResponse) => void): Promise<{ url: string; seen: Seen[] }> {
  const seen: Seen[] = [];
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method = "", url = "", headers } = request;
    seen.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
    reply(response);
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return { url: `http://127.0.0.1:${address.port}`, seen };
}
afterEach(() => new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve())));

const json = (status: number, body: unknown) => (response: ServerResponse) =>
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));

test("a query carries what was given and nothing else; the answer's amounts are bigint", async () => {
  const offer = {
    nodeId: "nod_00000000000000000000",
    supplier: "11111111111111111111111111111111",
    supplierKind: "miner",
    country: "NO",
    gpuModel: "a100-40gb",
    gpusFree: 1,
    gpusTotal: 1,
    priceMicroUsdPerGpuHour: "380000",
    simulated: true,
    sandbox: "none",
    confinement: "loopback",
    region: "eu",
    vramMib: 40_960,
    interruptiblePriceMicroUsdPerGpuHour: null,
    minSeconds: 60,
    maxSeconds: 3600,
    availableUntil: null,
    cpus: 8,
    memoryMib: 65_536,
    diskFreeMib: 100_000,
    driverVersion: null,
    cudaVersion: null,
    interconnect: null,
    upMbps: null,
    downMbps: null,
    reliability: { share: 0, hiredHours: 0, lowerBound: 0 },
    verified: false,
    currencies: ["USDC"],
    source: "network",
    bookable: true,
    link: null,
  };
  const found = {
    matching: { offers: 1, gpusFree: 1 },
    shortage: null,
    listed: null,
    asOf: "2026-01-01T00:00:00Z",
  };
  const { url, seen } = await answering(json(200, { items: [offer], nextCursor: null, ...found }));
  const { items } = await createIonet({ url: `${url}/` }).searchOffers({
    query: { gpuModel: ["a100-40gb", "h100-80gb"], verified: true, limit: 3 },
  });
  expect(seen[0]?.url).toBe("/v1/offers?limit=3&gpuModel=a100-40gb%2Ch100-80gb&verified=true");
  expect(seen[0]?.headers.authorization).toBeUndefined();
  expect(items[0]?.priceMicroUsdPerGpuHour).toBe(380_000n);
});

test("a write carries the token, an idempotency key, and amounts as strings; defaults are left to the server", async () => {
  const { url, seen } = await answering(
    json(401, problem("unauthenticated", { detail: "no", next: "sign in" }).details()),
  );
  const ionet = createIonet({ url, token: "ionet_secret", newKey: () => "key-1" });
  await ionet
    .createQuote({
      body: { gpuModel: "h100", gpuCount: 2, maxPriceMicroUsdPerGpuHour: microUsdPerGpuHour(500_000n) },
    })
    .catch(() => {});
  expect(seen[0]?.headers).toMatchObject({
    authorization: "Bearer ionet_secret",
    "idempotency-key": "key-1",
  });
  expect(JSON.parse(seen[0]?.body ?? "")).toEqual({
    gpuModel: "h100",
    gpuCount: 2,
    maxPriceMicroUsdPerGpuHour: "500000",
  });
});

test("a refusal is thrown as the Problem it was", async () => {
  const refusal = problem("supply-insufficient", {
    detail: "3 of 4",
    field: "gpuCount",
    given: "4",
    allowed: "3",
    next: "ask for 3",
  });
  const { url } = await answering(json(409, refusal.details()));
  const asked = createIonet({ url }).createQuote({ body: { gpuModel: "a100-40gb", gpuCount: 4 } });
  await expect(asked).rejects.toMatchObject({ code: "supply-insufficient", input: refusal.input });
});

test.each([
  ["region", { query: { region: ["mars"] as never } }, { given: '"mars"' }],
  ["minReliability", { query: { minReliability: 2 } }, { given: "2" }],
  ["limit", { query: { limit: 1000 } }, { given: "1000" }],
  ["gpuCount", { query: { gpuCount: -1 } }, { given: "-1" }],
  ["maxPriceMicroUsdPerGpuHour", { query: { maxPriceMicroUsdPerGpuHour: -1n as never } }, { given: '"-1"' }],
])(
  "what can't be written as the control plane reads it is the problem it would answer: %s",
  async (field, input, more) => {
    const { url, seen } = await answering(json(200, {}));
    await expect(createIonet({ url }).searchOffers(input)).rejects.toMatchObject({
      code: "invalid-request",
      input: { field, allowed: expect.any(String), next: expect.stringContaining(field), ...more },
    });
    expect(seen).toEqual([]);
  },
);

const maxPrice = "maxPriceMicroUsdPerGpuHour";
test.each([
  ["a country that is none", "countries.0", { countries: ["ZZ"] }],
  ["a negative count", "gpuCount", { gpuCount: -1 }],
  ["a limit of nothing", maxPrice, { [maxPrice]: microUsdPerGpuHour(0n) }],
  ["a float", maxPrice, { [maxPrice]: 0.5 as never }],
  ["null", maxPrice, { [maxPrice]: null as never }],
])("a body with %s is refused by its field's name too", async (_what, field, wrong) => {
  const { url, seen } = await answering(json(200, {}));
  const asked = createIonet({ url }).createQuote({ body: { gpuModel: "h100", gpuCount: 1, ...wrong } });
  await expect(asked).rejects.toMatchObject({ code: "invalid-request", input: { field } });
  expect(seen).toEqual([]);
});

test("a refusal's place and closest words come through", async () => {
  const refusal = problem("query-unreadable", {
    detail: "no",
    next: "mend it",
    position: { offset: 4, length: 2 },
    closest: [">="],
  });
  const { url } = await answering(json(400, refusal.details()));
  await expect(createIonet({ url }).searchOffers()).rejects.toMatchObject({ input: refusal.input });
});

test("an answer of another version is named as such", async () => {
  const { url } = await answering(json(200, { items: 7 }));
  await expect(createIonet({ url }).searchOffers()).rejects.toMatchObject({
    code: "unavailable",
    input: { detail: expect.stringContaining("items") },
  });
});

test("an answer that is not ours is named as such", async () => {
  const { url } = await answering((response) => response.writeHead(502).end("<html>bad gateway</html>"));
  await expect(createIonet({ url }).getNetwork()).rejects.toMatchObject({
    code: "unavailable",
    message: expect.stringContaining("502"),
  });
});

test("a control plane that is not there is the problem `unavailable`, which says what to do", async () => {
  const { url } = await answering(() => {});
  await new Promise<void>((resolve) => server?.close(() => resolve()));
  await expect(createIonet({ url }).getNetwork()).rejects.toMatchObject({
    code: "unavailable",
    input: { given: url, next: expect.stringContaining("IONET_URL") },
  });
});
