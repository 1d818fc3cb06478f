import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";
import type { LocalNetwork } from "../network.ts";
import { SLOT_MS } from "../slots.ts";
import { serveChannel } from "./channel.ts";
import { answer, type ReportFault } from "./dispatch.ts";

export type RpcServer = {
  readonly rpcUrl: string;
  readonly wsUrl: string;
  /** Closes all connections and frees the ports. */
  close(): Promise<void>;
};

/** The port, or the next one, belongs to another program. */
export class PortTaken extends Error {
  readonly code = "port_taken";
  constructor(port: number) {
    super(
      `port: given ${port}; allowed: a port that is free together with ${port + 1} (WebSocket); ` +
        "next: stop the program that has it, or give --port 0 to have free ports chosen",
    );
  }
}

const HOST = "127.0.0.1";
const MAX_BODY_BYTES = 1024 * 1024;
const FREE_PORT_ATTEMPTS = 20;

/**
 * Serves a network over JSON-RPC and WebSocket on this machine only. The WebSocket is on the same port and, by
 * Solana's convention, on the next one too.
 *
 * @param port - 0 chooses a free pair
 * @throws PortTaken where one of the two is taken
 */
export async function serveRpc(network: LocalNetwork, port: number, report: ReportFault): Promise<RpcServer> {
  const { rpc, ws } = await listenOnPair(port);
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_BODY_BYTES });
  let subscriptions = 0;
  for (const server of [rpc, ws]) {
    server.on("request", (request, response) => void respond(network, request, response, report));
    server.on("upgrade", (request, socket, head) => {
      socket.on("error", () => socket.destroy());
      sockets.handleUpgrade(request, socket, head, (client) => {
        serveChannel(network, client, () => ++subscriptions, report);
      });
    });
  }
  // Slots move without calls too; the clock says how far.
  const ticking = setInterval(() => network.catchUp(), SLOT_MS / 8);
  return {
    rpcUrl: `http://${HOST}:${portOf(rpc)}`,
    wsUrl: `ws://${HOST}:${portOf(ws)}`,
    async close() {
      clearInterval(ticking);
      for (const client of sockets.clients) client.terminate();
      await Promise.all([rpc, ws].map(closeServer));
    },
  };
}

async function respond(
  network: LocalNetwork,
  request: IncomingMessage,
  response: ServerResponse,
  report: ReportFault,
): Promise<void> {
  // Web pages call nodes from any origin; there is nothing here but test money.
  response.setHeader("access-control-allow-origin", "*");
  response.setHeader(
    "access-control-allow-headers",
    request.headers["access-control-request-headers"] ?? "content-type, solana-client",
  );
  response.setHeader("access-control-allow-methods", "POST, GET, OPTIONS");
  if (request.method === "OPTIONS") return void response.writeHead(204).end();
  if (request.method === "GET" && request.url === "/health") return void response.end("ok");
  if (request.method !== "POST") return void response.writeHead(405, { allow: "POST" }).end();
  const body = await readBody(request);
  if (body === undefined) return void response.writeHead(413, { connection: "close" }).end();
  const reply = await answer(network, body, report);
  if (reply === undefined) return void response.writeHead(204).end();
  response.setHeader("content-type", "application/json; charset=utf-8");
  response.end(reply);
}

/** The body as text; undefined where it is larger than any call needs, or breaks off. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request) {
      size += chunk.length;
      if (size > MAX_BODY_BYTES) return undefined;
      chunks.push(chunk);
    }
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks).toString("utf8");
}

async function listenOnPair(port: number): Promise<{ rpc: Server; ws: Server }> {
  for (let attempt = 1; ; attempt++) {
    const rpc = await listen(port);
    try {
      return { rpc, ws: await listen(portOf(rpc) + 1) };
    } catch (fault) {
      await closeServer(rpc);
      if (port !== 0 || attempt === FREE_PORT_ATTEMPTS)
        throw fault instanceof PortTaken ? new PortTaken(port) : fault;
    }
  }
}

function listen(port: number): Promise<Server> {
  // Clients keep idle connections; with Node's 5 s one is often closed just as it is used again.
  const server = createServer({ keepAliveTimeout: 120_000 });
  return new Promise((resolve, reject) => {
    server.once("error", (fault: NodeJS.ErrnoException) =>
      reject(fault.code === "EADDRINUSE" ? new PortTaken(port) : fault),
    );
    server.listen(port, HOST, () => resolve(server));
  });
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
