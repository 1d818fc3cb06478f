/**
 * Runs inside a node's namespace as a process of its own: dials the node's ports and hands the connected sockets to the
 * agent outside, over the channel between them. A socket stays in the network it was made in, wherever it is read.
 * It imports nothing but Node, to be there in 40 ms: it starts while Ray needs every core.
 */
import { connect, type Socket } from "node:net";
import type { DialAnswer } from "./dial-protocol.ts";

const answer = (words: DialAnswer, socket?: Socket) => process.send?.(words, socket);

process.on("message", (request) => {
  if (typeof request !== "object" || request === null) return;
  if (!("id" in request && "host" in request && "port" in request)) return;
  const { id, host, port } = request;
  if (typeof id !== "number" || typeof host !== "string" || typeof port !== "number") return;
  const socket = connect({ host, port });
  // Nothing may be read here: what this process reads is lost to the agent.
  socket.pause();
  socket.once("error", (error: NodeJS.ErrnoException) => answer({ id, failed: error.code ?? error.message }));
  socket.once("connect", () => answer({ id }, socket));
});
process.on("disconnect", () => process.exit(0));
