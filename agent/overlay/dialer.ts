/**
 * Runs inside a node's namespace as a process of its own: dials the node's ports and hands the connected sockets to the
 * agent outside, over the channel between them. A socket stays in the network it was made in, wherever it is read.
 */
import { connect } from "node:net";
import { dialRequestSchema } from "./dial-protocol.ts";

process.on("message", (message) => {
  const { id, host, port } = dialRequestSchema.parse(message);
  const socket = connect({ host, port });
  // Nothing may be read here: what this process reads is lost to the agent.
  socket.pause();
  socket.once("error", (error: NodeJS.ErrnoException) => {
    process.send?.({ id, failed: error.code ?? error.message });
  });
  socket.once("connect", () => {
    process.send?.({ id }, socket);
  });
});
process.on("disconnect", () => process.exit(0));
process.send?.({ id: 0 });
