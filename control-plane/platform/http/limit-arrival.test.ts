import { type AddressInfo, connect } from "node:net";
import fastify, { type FastifyInstance } from "fastify";
import { afterAll, beforeAll, expect, test } from "vitest";
import { limitArrival } from "./limit-arrival.ts";

let server: FastifyInstance;
beforeAll(async () => {
  server = fastify();
  limitArrival(server, 200);
  server.post("/body", async () => "read");
  server.post("/upload", { config: { takesUploads: true } }, async () => "read");
  await server.listen({ port: 0, host: "127.0.0.1" });
});
afterAll(() => server.close());

/** Sends a body of ten bytes, one every so many ms, and answers the status line. */
function sendSlowly(path: string, everyMs: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect((server.server.address() as AddressInfo).port, "127.0.0.1");
    socket.write(
      `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: text/plain\r\ncontent-length: 10\r\n\r\n`,
    );
    const timer = setInterval(() => socket.write("x"), everyMs);
    socket.on("error", () => {});
    socket.once("data", (text) => resolve(text.toString().split("\r\n")[0] ?? ""));
    socket.once("close", () => clearInterval(timer));
    socket.once("data", () => socket.destroy());
  });
}

test("a request whose body drips is cut off, and one that arrives is not", async () => {
  expect(await sendSlowly("/body", 100)).toBe("HTTP/1.1 408 Request Timeout");
  expect(await sendSlowly("/body", 1)).toBe("HTTP/1.1 200 OK");
});

test("a route that takes uploads has a limit of its own", async () => {
  expect(await sendSlowly("/upload", 50)).toBe("HTTP/1.1 200 OK");
});
