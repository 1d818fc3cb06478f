import { createServer } from "node:net";

/**
 * A TCP port that nobody listens on now: `port` itself, or any for 0. Rejects as `listen` does, with the code EADDRINUSE
 * where somebody has it. Whoever is quicker may still take it before the caller.
 */
export function freePort({ host = "127.0.0.1", port = 0 } = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen({ host, port, exclusive: true }, () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : port));
    });
  });
}
