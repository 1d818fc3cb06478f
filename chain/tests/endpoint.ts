import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { z } from "zod";
import { type Chain, connectChain } from "../index.ts";

const callSchema = z.looseObject({ id: z.unknown(), method: z.string() });

/** What an unreliable endpoint does with a call: pass it on, answer with something of its own, or hang up. */
export type Behaviour = (
  method: string,
) => "pass" | "hang up" | { result: unknown } | { error: { code: number; message: string } };

/** An endpoint before a real one that behaves badly on purpose, and counts the calls it got. */
export async function unreliable(
  real: Chain,
  behave: Behaviour,
): Promise<{ chain: Chain; calls: string[]; stop(): Promise<void> }> {
  const calls: string[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await text(request);
    const { id, method } = callSchema.parse(JSON.parse(body));
    calls.push(method);
    const behaviour = behave(method);
    if (behaviour === "hang up") return void request.socket.destroy();
    response.setHeader("content-type", "application/json");
    if (behaviour !== "pass") return void response.end(JSON.stringify({ jsonrpc: "2.0", id, ...behaviour }));
    const headers = { "content-type": "application/json" };
    response.end(await (await fetch(real.url, { method: "POST", headers, body })).text());
  };
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  return {
    chain: connectChain({ url: `http://127.0.0.1:${port}`, wsUrl: real.wsUrl }),
    calls,
    stop: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}
