import { once } from "node:events";
import { connect } from "node:net";
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestContext, type TestContext } from "../testing/context.ts";
import { createLog } from "./log.ts";
import { createMetrics } from "./metrics.ts";
import { createServer } from "./server.ts";

let ctx: TestContext;
let server: FastifyInstance;
let port = 0;

beforeAll(async () => {
  ctx = await openTestContext();
  server = createServer({
    ctx,
    log: createLog("silent", process.stderr),
    handlers: {
      listCloudPrices: async () => ({ items: [] }),
      getAccount: () => Promise.reject(new Error("nobody signs in here")),
    },
    authenticate: async () => null,
    verifyNode: () => Promise.reject(new Error("no agent calls here")),
    metrics: createMetrics({}),
  });
  port = Number(new URL(await server.listen({ host: "127.0.0.1", port: 0 })).port);
});
afterAll(async () => {
  await server.close();
  await ctx.close();
});

/** What comes back for these very bytes. */
async function answerTo(bytes: string): Promise<{ head: string; body: string }> {
  const socket = connect(port, "127.0.0.1");
  let text = "";
  socket.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  socket.on("error", () => {});
  socket.write(bytes);
  await once(socket, "close");
  const [head = "", body = ""] = text.split("\r\n\r\n");
  return { head, body };
}

const get = "GET /v1/cloud-prices HTTP/1.1\r\nConnection: close\r\n";
test.each<[what: string, bytes: string, status: number, code: string]>([
  ["headers beyond any need", `${get}Host: a\r\nX: ${"x".repeat(20_000)}\r\n\r\n`, 431, "headers-too-large"],
  ["an address beyond any need", `GET /${"x".repeat(20_000)} HTTP/1.1\r\n\r\n`, 431, "headers-too-large"],
  ["what is no HTTP", "hello\r\n\r\n", 400, "invalid-request"],
  ["a request without a host", `${get}\r\n`, 400, "invalid-request"],
  ["an expectation that can't be met", `${get}Host: a\r\nExpect: wonders\r\n\r\n`, 417, "expectation-failed"],
  [
    "a broken percent-encoding",
    "GET /v1/%ff HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    400,
    "invalid-request",
  ],
])("%s is refused in problem details", async (_what, bytes, status, code) => {
  const { head, body } = await answerTo(bytes);
  expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(head).toMatch(/^content-type: application\/problem\+json/im);
  expect(JSON.parse(body)).toMatchObject({ status, code, next: expect.any(String) });
});

test("a method that a known path does not take is told those it takes, before the body is read", async () => {
  for (const method of ["PUT", "POST", "PROPFIND", "TRACE"]) {
    const { head, body } = await answerTo(
      `${method} /v1/cloud-prices HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${method === "PUT" ? "Content-Type: text/csv\r\nContent-Length: 9\r\n\r\n" : "\r\n"}`,
    );
    expect([method, head]).toEqual([method, expect.stringMatching(/^HTTP\/1.1 405 /)]);
    expect(head).toMatch(/^allow: GET, HEAD, OPTIONS\r?$/im);
    expect(JSON.parse(body)).toMatchObject({ code: "method-not-allowed", given: method });
  }
});

test("OPTIONS says what a path takes, HEAD is GET without its body, and nothing is nothing", async () => {
  const options = await server.inject({ method: "OPTIONS", url: "/v1/nodes/any/terms?x=1" });
  expect([options.statusCode, options.headers.allow]).toEqual([204, "PATCH, DELETE, OPTIONS"]);
  const head = await server.inject({ method: "HEAD", url: "/v1/cloud-prices" });
  expect([head.statusCode, head.body]).toEqual([200, ""]);
  for (const method of ["OPTIONS", "PUT"] as const)
    expect((await server.inject({ method, url: "/v1/nothing" })).json().code).toBe("not-found");
});

test("the document and its page are served, and the page may load and run nothing", async () => {
  const document = (await server.inject({ method: "GET", url: "/openapi.json" })).json();
  expect(document).toMatchObject({ openapi: "3.1.0", paths: { "/v1/offers": { get: {} } } });
  const page = await server.inject({ method: "GET", url: "/docs" });
  expect(page.headers["content-security-policy"]).toMatch(/^default-src 'none'; style-src 'sha256-\S+';/);
  for (const path of Object.keys(document.paths)) expect(page.body).toContain(path);
  expect(page.body).not.toMatch(/<script|src=|href="http/);
});
