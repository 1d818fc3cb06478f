import { performServerHandshake, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import { isIPv4 } from "node:net";
import type { Duplex } from "node:stream";
import { RAY_DASHBOARD } from "@ionet/protocol";

const WINDOW_BYTES = 4 * 1024 * 1024;
const PING_MS = 10_000;

/** Where the gateway's streams lead: the head's dashboard, and the HTTP port of any Ray node of its cluster. */
export type TunnelTargets = {
  dashboard(): Promise<Duplex>;
  nodeHttp(address: string): Promise<Duplex>;
};

/**
 * Speaks HTTP/2 on a socket that this side has dialled, with the roles reversed: the gateway opens streams, each a
 * CONNECT that becomes one connection into the cluster. Settles when the socket has ended.
 */
export function serveTunnel(
  socket: Duplex & { readonly bytesRead?: number },
  ray: TunnelTargets,
  signal: AbortSignal,
): Promise<void> {
  const session = performServerHandshake(socket, { settings: { initialWindowSize: WINDOW_BYTES } });
  session.setLocalWindowSize(WINDOW_BYTES * 4);
  session.on("stream", (stream, headers) => {
    stream.on("error", () => stream.destroy());
    const authority = headers[":authority"] ?? "";
    if (headers[":method"] !== "CONNECT") stream.respond({ ":status": 405 }, { endStream: true });
    else if (authority === RAY_DASHBOARD) void carry(stream, () => ray.dashboard());
    else if (isIPv4(authority)) void carry(stream, () => ray.nodeHttp(authority));
    else stream.respond({ ":status": 404 }, { endStream: true });
  });
  session.once("error", () => session.destroy());
  const stopPinging = keepAlive(session, () => socket.bytesRead ?? 0);
  const end = () => session.destroy();
  signal.addEventListener("abort", end, { once: true });
  return new Promise((resolve) => {
    session.once("close", () => {
      stopPinging();
      signal.removeEventListener("abort", end);
      socket.destroy();
      resolve();
    });
  });
}

async function carry(stream: ServerHttp2Stream, connect: () => Promise<Duplex>): Promise<void> {
  let target: Duplex;
  try {
    target = await connect();
  } catch {
    if (!stream.destroyed) stream.respond({ ":status": 502 }, { endStream: true });
    return;
  }
  if (stream.destroyed) {
    target.destroy();
    return;
  }
  stream.respond({ ":status": 200 });
  target.once("error", () => stream.close());
  target.once("close", () => stream.close());
  stream.once("close", () => target.destroy());
  stream.pipe(target);
  target.pipe(stream);
}

/**
 * A network that swallows packets ends no socket: a ping without an answer does, unless bytes came meanwhile. On a slow
 * link the answer stands in line behind megabytes of an upload.
 */
function keepAlive(session: ServerHttp2Session, bytesRead: () => number): () => void {
  let isAnswered = true;
  let seenBytes = 0;
  const timer = setInterval(() => {
    const cameBytes = bytesRead();
    if ((!isAnswered && cameBytes === seenBytes) || session.destroyed) {
      session.destroy();
      return;
    }
    seenBytes = cameBytes;
    // One ping is on its way at a time.
    if (!isAnswered) return;
    isAnswered = false;
    session.ping((error) => {
      isAnswered = error === null;
    });
  }, PING_MS);
  return () => clearInterval(timer);
}
