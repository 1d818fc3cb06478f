import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { z } from "zod";

const callSchema = z.looseObject({
  id: z.unknown(),
  method: z.string(),
  params: z.array(z.unknown()).default([]),
});

/** One call that arrives. */
export type Call = {
  method: string;
  params: readonly unknown[];
  /** Asks the real endpoint, with these parameters where others are given; resolves to the text of its answer. */
  forward(params?: readonly unknown[]): Promise<string>;
};

/** What the endpoint does with a call: a JSON-RPC result or error, a whole body, an HTTP status, or no answer at all. */
export type Reply =
  | { body: string }
  | { result: unknown }
  | { error: { code: number; message: string } }
  | { status: number }
  | "hang up"
  | "never";

/** An endpoint before a real one that does what a test tells it to. `behave` may be changed at any moment. */
export type TestEndpoint = {
  url: string;
  behave: (call: Call) => Promise<Reply>;
  stop(): Promise<void>;
};

/** As an honest endpoint does. */
export const honest = async (call: Call): Promise<Reply> => ({ body: await call.forward() });

export async function openTestEndpoint(realUrl: string): Promise<TestEndpoint> {
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const { id, method, params } = callSchema.parse(JSON.parse(await text(request)));
    const forward = async (other: readonly unknown[] = params) => {
      const body = JSON.stringify({ jsonrpc: "2.0", id, method, params: other });
      const headers = { "content-type": "application/json" };
      return (await fetch(realUrl, { method: "POST", headers, body })).text();
    };
    const reply = await endpoint.behave({ method, params, forward });
    if (reply === "never") return;
    if (reply === "hang up") return void request.socket.destroy();
    if ("status" in reply) return void response.writeHead(reply.status).end();
    response.setHeader("content-type", "application/json");
    response.end("body" in reply ? reply.body : JSON.stringify({ jsonrpc: "2.0", id, ...reply }));
  };
  const server = createServer(
    (request, response) => void answer(request, response).catch(() => request.socket.destroy()),
  );
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  const endpoint: TestEndpoint = {
    url: `http://127.0.0.1:${port}`,
    behave: honest,
    stop: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
  return endpoint;
}
