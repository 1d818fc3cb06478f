import { Readable } from "node:stream";
import { endpoints, makeId, type Scope } from "@ionet/protocol";
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createApiKey } from "../accounts/api-keys.ts";
import { authenticateBearer } from "../accounts/authenticate.ts";
import { accountRoutes } from "../accounts/routes.ts";
import { signInTestWallet, testPlace } from "../accounts/testing/wallet.ts";
import { openTestContext, type TestContext } from "../testing/context.ts";
import { createLog } from "./log.ts";
import { createMetrics } from "./metrics.ts";
import { createServer, type SignedRequest } from "./server.ts";

let ctx: TestContext;
let server: FastifyInstance;
let logged = "";
const seen: { request: SignedRequest; auth: string }[] = [];
let heldAnswers = 0;

beforeAll(async () => {
  ctx = await openTestContext();
  server = createServer({
    ctx,
    log: createLog("debug", {
      write: (text) => {
        logged += text;
      },
    }),
    handlers: {
      ...accountRoutes(ctx, testPlace),
      // The real step is tested with real agents; here only how the server hands over.
      openSession: async (_call, caller) => ({
        sessionId: makeId("session", ctx.random.bytes(20)),
        serverKey: Buffer.from(caller.nonce).toString("base64"),
        expiresInSeconds: 60,
      }),
      sync: (_call, _caller, { signal }) =>
        new Promise((resolve) => {
          heldAnswers += 1;
          signal.addEventListener("abort", () =>
            resolve({ protocol: 1, version: "ended", leases: [], readings: [] }),
          );
        }),
      searchOffers: () => Promise.reject(new Error("a mistake of ours: secret-of-ours")),
    },
    authenticate: (token) => authenticateBearer(ctx, token),
    verifyNode: async (request, auth) => {
      seen.push({ request, auth });
      return { nodeId: makeId("node", ctx.random.bytes(20)), sessionId: null, nonce: "n" };
    },
    metrics: createMetrics({}),
    anonymousPerMinute: { writes: 5, reads: 7 },
  });
  await server.ready();
});
afterAll(async () => {
  await server.close();
  await ctx.close();
});

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

test("what is not there, is no JSON, has no body, is too large or of another type gets problem details", async () => {
  const json = { "content-type": "application/json" };
  const url = "/v1/sign-in/challenge";
  const cases = [
    [{ method: "GET", url: "/v1/nothing" }, 404, "not-found"],
    [{ method: "GET", url: "/v1/sign-in/challenge" }, 405, "method-not-allowed"],
    [{ method: "GET", url: `/v1/nodes/${"x".repeat(300)}` }, 404, "not-found"],
    [
      { method: "POST", url, headers: json, payload: Buffer.from([0x22, 0xff, 0x22]) },
      400,
      "invalid-request",
    ],
    [
      { method: "POST", url, headers: json, payload: `{"a":${"[".repeat(200_000)}${"]".repeat(200_000)}}` },
      400,
      "invalid-request",
    ],
    [{ method: "POST", url, headers: json, payload: "{" }, 400, "invalid-request"],
    [{ method: "POST", url, headers: json, payload: "" }, 400, "invalid-request"],
    [{ method: "POST", url }, 400, "invalid-request"],
    [
      { method: "POST", url, headers: { "content-type": "text/plain" }, payload: "x" },
      415,
      "media-type-unsupported",
    ],
    [{ method: "POST", url, headers: json, payload: `"${"x".repeat(1_100_000)}"` }, 413, "body-too-large"],
    [{ method: "GET", url: "/v1/offers" }, 500, "internal"],
    [{ method: "GET", url: "/v1/account/%ff" }, 400, "invalid-request"],
  ] as const;
  for (const [request, status, code] of cases) {
    ctx.clock.advance(60_000);
    const answer = await server.inject(request);
    expect([request, answer.statusCode]).toEqual([request, status]);
    expect(answer.headers["content-type"]).toMatch(/^application\/problem\+json/);
    expect(answer.json()).toMatchObject({
      code,
      status,
      title: expect.any(String),
      next: expect.any(String),
    });
    expect(answer.body).not.toContain("secret-of-ours");
  }
});

test("a bad field is named with what was given and what is allowed, a secret one without", async () => {
  ctx.clock.advance(60_000);
  const wrong = await server.inject({ method: "POST", url: "/v1/sign-in/challenge", payload: { wallet: 7 } });
  expect(wrong.json()).toMatchObject({ code: "invalid-request", field: "wallet", given: "7" });
  const extra = await server.inject({
    method: "POST",
    url: "/v1/sign-in/challenge",
    payload: { wallet: "So11111111111111111111111111111111111111112", colour: "red" },
  });
  expect(extra.json()).toMatchObject({ field: "colour", given: '"red"', allowed: "one of wallet" });
  const secret = await server.inject({
    method: "POST",
    url: "/v1/sign-in",
    payload: { message: "m", signature: "!hush!" },
  });
  expect(secret.json()).toMatchObject({ field: "signature", given: "(not shown)" });
  const { token } = await signInTestWallet(ctx);
  const query = await server.inject({ method: "GET", url: "/v1/api-keys?limit=0", headers: bearer(token) });
  expect(query.json()).toMatchObject({ field: "limit", given: '"0"' });
});

test("a call without a token, with an unknown one, or with a key that lacks the scope is refused", async () => {
  const { token, caller } = await signInTestWallet(ctx);
  const me = (headers: Record<string, string>) =>
    server.inject({ method: "GET", url: "/v1/account", headers });
  const none = await me({});
  expect([none.statusCode, none.json().code]).toEqual([401, "unauthenticated"]);
  expect(none.headers["www-authenticate"]).toMatch(/^Bearer/);
  expect((await me(bearer("ionet_wrong"))).json().code).toBe("unauthenticated");
  expect((await me({ authorization: token })).json().code).toBe("unauthenticated");
  const { secret } = await createApiKey(ctx, caller, { name: "k", scopes: ["jobs"], expiresInDays: 1 });
  expect((await me(bearer(secret))).json()).toMatchObject({ code: "forbidden", allowed: "rent" });
  expect((await me(bearer(token))).json()).toMatchObject({ wallet: caller.wallet });
});

test("who can't call is told before the body is there", async () => {
  const request = { method: "POST", url: "/v1/api-keys" } as const;
  const headers = { "content-type": "application/json", "content-length": "100" };
  const answer = await server.inject({ ...request, headers, payload: new Readable({ read() {} }) });
  expect(answer.json().code).toBe("unauthenticated");
});

test("headers have a time by which they must have come", () => {
  expect(server.server.headersTimeout).toBe(20_000);
});

const makeKey = (token: string, key: string, name: string) =>
  server.inject({
    method: "POST",
    url: "/v1/api-keys",
    headers: { ...bearer(token), "idempotency-key": key },
    payload: { name, scopes: ["rent"] },
  });
const revoke = (token: string, key: string, id: string) =>
  server.inject({
    method: "DELETE",
    url: `/v1/api-keys/${id}`,
    headers: { ...bearer(token), "idempotency-key": key },
  });

test("the same key with the same request gives the same answer without doing it again", async () => {
  const { token, caller } = await signInTestWallet(ctx);
  const { id } = await createApiKey(ctx, caller, { name: "k", scopes: ["rent"], expiresInDays: 1 });
  expect((await revoke(token, "r", id)).statusCode).toBe(200);
  // Done again it would be not-found.
  expect((await revoke(token, "r", id)).statusCode).toBe(200);
  expect((await revoke(token, "r2", id)).json().code).toBe("not-found");
});

test("the same key for another request is refused, another account's key is its own", async () => {
  const [mine, theirs] = [await signInTestWallet(ctx), await signInTestWallet(ctx)];
  expect((await makeKey(mine.token, "one", "a")).statusCode).toBe(201);
  expect((await makeKey(mine.token, "one", "b")).json()).toMatchObject({
    code: "idempotency-key-reused",
    detail: expect.stringContaining("another request"),
  });
  expect((await makeKey(theirs.token, "one", "b")).statusCode).toBe(201);
});

test("an answer with a secret is neither kept nor given twice", async () => {
  const { token } = await signInTestWallet(ctx);
  const { secret } = (await makeKey(token, "k", "a")).json();
  const again = await makeKey(token, "k", "a");
  expect(again.json().code).toBe("idempotency-key-reused");
  expect(again.body).not.toContain(secret);
});

test("a refused call may run again with its key, and a call cut off by a crash after a minute", async () => {
  const { token, caller } = await signInTestWallet(ctx);
  const id = makeId("apiKey", ctx.random.bytes(20));
  for (let i = 0; i < 2; i++) expect((await revoke(token, "k", id)).json().code).toBe("not-found");

  const row = { account_id: caller.accountId, key: "cut", endpoint: "createApiKey", answer: "null" };
  const started = { ...row, request_sha256: "?", status: null, created_at_ms: ctx.clock.now() };
  await ctx.db
    .withTables<{ idempotent_answers: typeof started }>()
    .insertInto("idempotent_answers")
    .values(started)
    .execute();
  expect((await makeKey(token, "cut", "a")).json().code).toBe("idempotency-key-reused");
  ctx.clock.advance(60_001);
  expect((await makeKey(token, "cut", "a")).statusCode).toBe(201);
});

test("of concurrent requests with one key one is done", async () => {
  const { token } = await signInTestWallet(ctx);
  const answers = await Promise.all(Array.from({ length: 8 }, () => makeKey(token, "same", "a")));
  expect(answers.filter(({ statusCode }) => statusCode === 201)).toHaveLength(1);
});

test("calls without signing in are limited for one address, and the limit refills", async () => {
  ctx.clock.advance(3_600_000);
  const ask = (remoteAddress: string) =>
    server.inject({ method: "POST", url: "/v1/sign-in/challenge", payload: {}, remoteAddress });
  for (let i = 0; i < 5; i++) expect((await ask("10.0.0.1")).statusCode).toBe(400);
  expect((await ask("10.0.0.1")).json()).toMatchObject({
    code: "rate-limited",
    next: "Wait 12 s, then try again.",
  });
  expect((await ask("10.0.0.2")).statusCode).toBe(400);
  ctx.clock.advance(12_000);
  expect((await ask("10.0.0.1")).statusCode).toBe(400);
});

test("reads without signing in have a limit of their own, and a refused one costs nothing but the refusal", async () => {
  ctx.clock.advance(3_600_000);
  const read = (remoteAddress = "10.0.1.1", url = "/v1/offers?limit=0") =>
    server.inject({ method: "GET", url, remoteAddress });
  for (let i = 0; i < 7; i++) expect((await read()).statusCode).toBe(400);
  const refused = await read();
  expect([refused.statusCode, refused.json()]).toMatchObject([
    429,
    { code: "rate-limited", allowed: "7 a minute", next: "Wait 9 s, then try again." },
  ]);
  expect((await read("10.0.1.2")).statusCode).toBe(400);
  const challenge = {
    method: "POST",
    url: "/v1/sign-in/challenge",
    payload: {},
    remoteAddress: "10.0.1.1",
  } as const;
  expect((await server.inject(challenge)).statusCode).toBe(400);
  ctx.clock.advance(9_000);
  expect((await read()).statusCode).toBe(400);
});

test("an agent's request is verified over the very bytes of its body before the body is read", async () => {
  const payload = `{ "protocol": 1,  "nodeId": "${makeId("node", ctx.random.bytes(20))}", "instance": "12345678", "clientKey": "${Buffer.alloc(32).toString("base64")}" }`;
  const headers = { "content-type": "application/json", "signature-input": "sig=()" };
  const answer = await server.inject({ method: "POST", url: "/v1/sync/sessions?x=1", headers, payload });
  expect(answer.json()).toMatchObject({ code: "invalid-request", field: "x" });
  expect(
    (await server.inject({ method: "POST", url: "/v1/sync/sessions", headers, payload })).statusCode,
  ).toBe(201);
  const last = seen.at(-1);
  expect(last).toMatchObject({ auth: "node-key", request: { method: "POST", path: "/v1/sync/sessions" } });
  expect(Buffer.from(last?.request.body ?? []).toString()).toBe(payload);
  expect(last?.request.headers.get("signature-input")).toBe("sig=()");
});

test("no token stands in the log, and a failure's request id does", async () => {
  const { token } = await signInTestWallet(ctx);
  logged = "";
  const failed = await server.inject({ method: "GET", url: "/v1/offers", headers: bearer(token) });
  const [, id = "none"] = /request id (\w+)/.exec(failed.json().next) ?? [];
  server.log.info({ token, nested: { authorization: token, rayToken: token } }, "try");
  expect(logged).toContain(id);
  expect(logged).toContain("secret-of-ours");
  expect(logged).not.toContain(token);
});

test("/metrics counts requests by route, not by address", async () => {
  const { body } = await server.inject({ method: "GET", url: "/metrics" });
  expect(body).toMatch(
    /ionet_http_request_seconds_count\{method="DELETE",route="\/v1\/api-keys\/:apiKeyId",status="200"\} 2/,
  );
});

test("who calls is known for every endpoint of the table", () => {
  const anybodys = [
    "getNetwork",
    "createChallenge",
    "signIn",
    "enrolNode",
    "searchOffers",
    "listCloudPrices",
    "compare",
    "listListings",
    "earnings",
  ];
  for (const [name, { auth }] of Object.entries(endpoints)) {
    const expected = anybodys.includes(name)
      ? ["nobody"]
      : name === "openSession"
        ? ["node-key"]
        : name === "sync"
          ? ["node-session"]
          : (["rent", "supply"] satisfies Scope[]);
    expect([name, expected.includes(auth as never)]).toEqual([name, true]);
  }
});

test("held answers are given when the server ends", async () => {
  const payload = {
    protocol: 1,
    agentVersion: "1",
    hardware: { gpus: [], cpus: 1, memoryMib: 1, diskFreeMib: 1 },
    terms: null,
    readiness: { environment: "ready", sandbox: "none", confinement: "loopback", address: "a" },
    leases: [],
    desiredVersion: null,
  };
  const url = await server.listen({ host: "127.0.0.1", port: 0 });
  const held = fetch(`${url}/v1/sync`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(payload),
  });
  await expect.poll(() => heldAnswers).toBe(1);
  await server.close();
  const answer = await held;
  expect(await answer.json()).toMatchObject({ version: "ended" });
  expect(answer.headers.get("connection")).toBe("close");
});
