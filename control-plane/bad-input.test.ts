import type { FastifyInstance } from "fastify";
import { sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import { earningsRoutes } from "./market/earnings/routes.ts";
import { reservationRoutes } from "./market/reservations/routes.ts";
import { testPaymentTerms } from "./market/reservations/testing/payment-terms.ts";
import { searchRoutes } from "./market/search/routes.ts";
import { authenticateBearer } from "./platform/accounts/authenticate.ts";
import { signInTestWallet } from "./platform/accounts/testing/wallet.ts";
import { createLog } from "./platform/http/log.ts";
import { createMetrics } from "./platform/http/metrics.ts";
import { createServer } from "./platform/http/server.ts";
import { openTestContext, type TestContext } from "./platform/testing/context.ts";
import { enrolNode } from "./supply/nodes/enrol-node.ts";
import { createEnrolmentToken } from "./supply/nodes/enrolment-tokens.ts";
import { observeNode } from "./supply/nodes/observe-node.ts";
import { nodeRoutes } from "./supply/nodes/routes.ts";
import { enrolmentRequest, observationOf } from "./supply/nodes/testing/node.ts";

const terms = testPaymentTerms();
let ctx: TestContext;
let server: FastifyInstance;
let supplier: string;
let stranger: string;
let path: string;

beforeAll(async () => {
  ctx = await openTestContext();
  server = createServer({
    ctx,
    log: createLog("silent", process.stderr),
    handlers: {
      ...nodeRoutes(ctx),
      ...reservationRoutes(ctx, terms),
      ...earningsRoutes(),
      ...searchRoutes(ctx),
    },
    authenticate: (token) => authenticateBearer(ctx, token),
    verifyNode: () => Promise.reject(new Error("no agent calls here")),
    metrics: createMetrics({}),
  });
  await server.ready();
  const owner = await signInTestWallet(ctx);
  supplier = owner.token;
  stranger = (await signInTestWallet(ctx)).token;
  const bound = { supplierKind: "miner", uses: 1, expiresInSeconds: 3600 } as const;
  const { token } = await createEnrolmentToken(ctx, owner.caller, bound);
  const { nodeId } = await enrolNode(ctx, enrolmentRequest(token));
  await observeNode(ctx, nodeId, observationOf());
  path = `/v1/nodes/${nodeId}/terms`;
});
afterAll(async () => {
  await server.close();
  await ctx.close();
});

const written = async () => (await sql`select terms, state from nodes`.execute(ctx.db)).rows;
const patch = (payload: string, token = supplier) =>
  server.inject({
    method: "PATCH",
    url: path,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    payload,
  });

const window = { days: ["mon"], from: "08:00", to: "18:00", timeZone: "UTC" };
const price = "priceMicroUsdPerGpuHour";

test.each<[what: string, body: object, field: string]>([
  ["a price of nothing", { [price]: "0" }, price],
  ["a negative price", { [price]: "-400000" }, price],
  ["a price as a float", { [price]: 0.4 }, price],
  ["a price with a fraction", { [price]: "0.40" }, price],
  ["a price above any", { [price]: "1000000001" }, price],
  ["a price that overflows 64 bits", { [price]: "18446744073709551616" }, price],
  ["a price of a thousand digits", { [price]: "9".repeat(1000) }, price],
  [
    "an interruptible price that is not lower",
    { interruptiblePriceMicroUsdPerGpuHour: "400000" },
    "interruptiblePriceMicroUsdPerGpuHour",
  ],
  ["a country that is none", { country: "ZZ" }, "country"],
  ["a region in place of a country", { country: "eu" }, "country"],
  ["a currency that is none", { currencies: ["DOGE"] }, "currencies.0"],
  ["no currency at all", { currencies: [] }, "currencies"],
  ["a lease of no time", { minSeconds: 0 }, "minSeconds"],
  ["a negative lease", { maxSeconds: -3600 }, "maxSeconds"],
  ["half a second", { minSeconds: 60.5 }, "minSeconds"],
  ["a lease of a hundred years", { maxSeconds: 3_155_760_000 }, "maxSeconds"],
  ["a shortest lease above the longest", { minSeconds: 7200, maxSeconds: 3600 }, "minSeconds"],
  ["a window without days", { windows: [{ ...window, days: [] }] }, "windows.0.days"],
  ["a weekday that is none", { windows: [{ ...window, days: ["noday"] }] }, "windows.0.days.0"],
  ["a window of no length", { windows: [{ ...window, to: "08:00" }] }, "windows.0.to"],
  ["a time that is none", { windows: [{ ...window, from: "24:01" }] }, "windows.0.from"],
  ["a zone that is none", { windows: [{ ...window, timeZone: "Mars/Base" }] }, "windows.0.timeZone"],
  ["more windows than anybody needs", { windows: Array.from({ length: 51 }, () => window) }, "windows"],
  ["a term that does not exist", { discount: "1" }, "discount"],
])("%s is refused by its field's name, and nothing is written", async (_what, body, field) => {
  const before = await written();
  const answer = await patch(JSON.stringify(body));
  expect([answer.statusCode, answer.json()]).toMatchObject([
    400,
    { code: "invalid-request", field, given: expect.any(String), allowed: expect.any(String) },
  ]);
  expect(answer.json().next).toContain("send the request again");
  expect(await written()).toEqual(before);
});

test.each<[what: string, body: object, field: string, code?: string]>([
  ["no GPU", { gpuCount: 0 }, "gpuCount"],
  ["fewer than none", { gpuCount: -4 }, "gpuCount"],
  ["half a GPU", { gpuCount: 0.5 }, "gpuCount"],
  ["more than anybody has", { gpuCount: 1e308 }, "gpuCount"],
  ["a model that nobody knows", { gpuModel: "z9000" }, "gpuModel", "gpu-model-unknown"],
  ["no time", { durationSeconds: 0 }, "durationSeconds"],
  ["a negative time", { durationSeconds: -3600 }, "durationSeconds"],
  ["a hundred years", { durationSeconds: 3_155_760_000 }, "durationSeconds"],
  [
    "a limit that overflows",
    { maxPriceMicroUsdPerGpuHour: "99999999999999999999" },
    "maxPriceMicroUsdPerGpuHour",
  ],
  ["a limit of nothing", { maxPriceMicroUsdPerGpuHour: "0" }, "maxPriceMicroUsdPerGpuHour"],
  ["a limit above any price", { maxPriceMicroUsdPerGpuHour: "1000000001" }, "maxPriceMicroUsdPerGpuHour"],
  [
    "a limit that only 64 bits hold",
    { maxPriceMicroUsdPerGpuHour: "9990000000000000000" },
    "maxPriceMicroUsdPerGpuHour",
  ],
  ["a budget of nothing", { maxBudgetMicroUsd: "0" }, "maxBudgetMicroUsd"],
  ["a budget above any cost", { maxBudgetMicroUsd: "720000000000001" }, "maxBudgetMicroUsd"],
  ["a budget that only 64 bits hold", { maxBudgetMicroUsd: "9990000000000000000" }, "maxBudgetMicroUsd"],
  ["a model with a count", { gpuModel: "8xH100" }, "gpuModel", "gpu-model-unknown"],
  ["a model that could be several", { gpuModel: "a100" }, "gpuModel", "gpu-model-unknown"],
  ["a negative limit", { maxPriceMicroUsdPerGpuHour: "-1" }, "maxPriceMicroUsdPerGpuHour"],
  ["a country that is none", { countries: ["ZZ"] }, "countries.0"],
  ["a currency that is none", { currency: "DOGE" }, "currency"],
  ["a word for yes", { interruptible: "yes" }, "interruptible"],
])("a demand for %s is refused by its field's name", async (_what, body, field, code = "invalid-request") => {
  const answer = await server.inject({
    method: "POST",
    url: "/v1/quotes",
    headers: { authorization: `Bearer ${stranger}`, "content-type": "application/json" },
    payload: JSON.stringify({ gpuModel: "a100-40gb", gpuCount: 1, ...body }),
  });
  expect([answer.statusCode, answer.json()]).toMatchObject([400, { code, field }]);
  expect((await sql`select id from quotes`.execute(ctx.db)).rows).toEqual([]);
});

const earnings = "/v1/earnings?gpuModel=a100-40gb&country=ID";
const offers = "/v1/offers";
test.each<[url: string, field: string, more?: object]>([
  [`${earnings}&${price}=9999999999999999999`, price, { allowed: expect.stringContaining("1000000000") }],
  [`${earnings}&${price}=1000000001`, price],
  [`${earnings}&${price}=0`, price],
  [`${earnings}&${price}=-1`, price],
  [`${earnings}&${price}=1&tariffMicroUsdPerKwh=5000001`, "tariffMicroUsdPerKwh"],
  [`${offers}?region=mars`, "region", { given: '"mars"', allowed: expect.stringContaining("europe-other") }],
  [
    `${offers}?region=eu,oceana`,
    "region",
    { given: '"oceana"', closest: expect.arrayContaining(["oceania"]) },
  ],
  // A country where a region is asked for, and words of the query language that are no parameters.
  [`${offers}?region=SE`, "region", { given: '"SE"', closest: ["country=SE"] }],
  [`${offers}?country=eu`, "country", { closest: ["region=eu"] }],
  [`${offers}?num_gpus=8`, "num_gpus", { next: expect.stringContaining("q=num_gpus=") }],
  [`${offers}?dph=2`, "dph", { next: expect.stringContaining("stand in q") }],
  [`${offers}?q=${encodeURIComponent("duration=3")}`, "q", { code: "query-unreadable", given: "3" }],
  [`${offers}?notSupplierKind=mine`, "notSupplierKind", { closest: expect.arrayContaining(["miner"]) }],
  [`${offers}?country=DE,ZZ`, "country", { given: '"ZZ"', allowed: "a country code like DE" }],
  [`${offers}?sort=prise`, "sort", { closest: expect.arrayContaining(["price"]) }],
  [`${offers}?near=atlantis`, "near", { given: '"atlantis"' }],
  [`${offers}?minVram=1`, "minVram", { closest: expect.arrayContaining(["minVramMib"]) }],
  [`${offers}?gpuModel=8xA100`, "gpuModel", { given: '"8xA100"' }],
  [`${offers}?gpuCount=0`, "gpuCount"],
  [`${offers}?minPriceMicroUsdPerGpuHour=2&maxPriceMicroUsdPerGpuHour=1`, "maxPriceMicroUsdPerGpuHour"],
  [`${offers}?minPriceMicroUsdPerGpuHour=4294967294`, "minPriceMicroUsdPerGpuHour"],
  [`${offers}?q=${encodeURIComponent("price>=2 price<=1")}`, "q", { code: "query-unreadable" }],
  [
    `${offers}?q=${encodeURIComponent("vram=>40")}`,
    "q",
    { code: "query-unreadable", position: { offset: 4, length: 2 }, closest: [">="] },
  ],
  [
    `${offers}?q=${encodeURIComponent("gpu=A10O")}`,
    "q",
    { code: "gpu-model-unknown", position: { offset: 4, length: 4 }, closest: ["a100", "a10", "a10g"] },
  ],
  [
    "/v1/cloud-prices?gpuModel=a1000",
    "gpuModel",
    { code: "gpu-model-unknown", given: "a1000", closest: expect.arrayContaining(["a100-80gb"]) },
  ],
])("anybody's GET %s is refused by its field's name, with what is allowed", async (url, field, more = {}) => {
  const answer = await server.inject({ method: "GET", url });
  expect([answer.statusCode, answer.json()]).toMatchObject([
    400,
    { code: "invalid-request", field, given: expect.any(String), allowed: expect.any(String), ...more },
  ]);
  expect(answer.json().next).toMatch(/./);
});

test("ten megabytes are not read", async () => {
  const before = await written();
  const answer = await patch(JSON.stringify({ country: "x".repeat(10_000_000) }));
  expect([answer.statusCode, answer.json().code]).toEqual([413, "body-too-large"]);
  expect(await written()).toEqual(before);
});

test("a supplier can't change, withdraw or see another's node; who has not signed in can't either", async () => {
  const before = await written();
  const answer = await patch(JSON.stringify({ country: "NO" }), stranger);
  expect([answer.statusCode, answer.json().code]).toEqual([404, "not-found"]);
  for (const [method, url] of [
    ["DELETE", path],
    ["GET", path.replace("/terms", "")],
  ] as const) {
    const headers = { authorization: `Bearer ${stranger}` };
    expect((await server.inject({ method, url, headers })).statusCode).toBe(404);
  }
  const nobody = await server.inject({ method: "PATCH", url: path, payload: "{}" });
  expect(nobody.statusCode).toBe(401);
  expect(await written()).toEqual(before);
});

test("what makes sense is written, and answered as it stands", async () => {
  const answer = await patch(JSON.stringify({ [price]: "380000", windows: [window] }));
  expect([answer.statusCode, answer.json().terms]).toMatchObject([
    200,
    { [price]: "380000", windows: [window] },
  ]);
  expect(await written()).toMatchObject([{ terms: { [price]: "380000", windows: [window], country: "DE" } }]);
});
