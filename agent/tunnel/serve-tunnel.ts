import { performServerHandshake, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import type { Duplex } from "node:stream";

const WINDOW_BYTES = 4 * 1024 * 1024;
const PING_MS = 10_000;

/**
 * Speaks HTTP/2 on a socket that this side has dialled, with the roles reversed: the gateway opens streams, each a
 * CONNECT that becomes one connection made by `connect`. Settles when the socket has ended.
 */
export function serveTunnel(
  socket: Duplex,
  connect: () => Promise<Duplex>,
  signal: AbortSignal,
): Promise<void> {
  const session = performServerHandshake(socket, { settings: { initialWindowSize: WINDOW_BYTES } });
  session.setLocalWindowSize(WINDOW_BYTES * 4);
  session.on("stream", (stream, headers) => {
    stream.on("error", () => stream.destroy());
    if (headers[":method"] !== "CONNECT") stream.respond({ ":status": 405 }, { endStream: true });
    else void carry(stream, connect);
  });
  session.once("error", () => session.destroy());
  const stopPinging = keepAlive(session);
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

/** A network that swallows packets ends no socket: a ping without an answer does. */
function keepAlive(session: ServerHttp2Session): () => void {
  let isAnswered = true;
  const timer = setInterval(() => {
    if (!isAnswered || session.destroyed) {
      session.destroy();
      return;
    }
    isAnswered = false;
    session.ping((error) => {
      isAnswered = error === null;
    });
  }, PING_MS);
  return () => clearInterval(timer);
}
