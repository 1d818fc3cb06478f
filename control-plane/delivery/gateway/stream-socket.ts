import type { Http2Stream } from "node:http2";
import { Duplex } from "node:stream";

/**
 * An HTTP/2 stream as a plain byte stream. HTTP over it needs this: an Http2Stream takes strings in an encoding of its
 * own, a Duplex hands on Buffers only.
 */
export function streamSocket(stream: Http2Stream): Duplex {
  const socket = new Duplex({
    read: () => {
      stream.resume();
    },
    write: (chunk: Buffer, _encoding, done) => {
      stream.write(chunk, done);
    },
    final: (done) => {
      stream.end(done);
    },
    destroy: (error, done) => {
      stream.destroy();
      done(error);
    },
  });
  // Until whoever asked listens, a tunnel that is cut ends this connection and not the process.
  socket.on("error", () => {});
  stream.on("data", (chunk: Buffer) => {
    if (!socket.push(chunk)) stream.pause();
  });
  stream.once("end", () => socket.push(null));
  stream.once("error", (error) => socket.destroy(error));
  stream.once("close", () => {
    // A stream that ended well has said so; anything else is a cut.
    if (!stream.readableEnded) socket.destroy(new Error("the tunnel was cut"));
  });
  return socket;
}
