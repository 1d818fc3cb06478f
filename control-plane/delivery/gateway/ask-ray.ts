import { request as httpRequest, type IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { isRedirect, redirected } from "./forward.ts";

/** The Ray of one cluster, as the gateway asks it things of its own. `rayToken` is a secret. */
export type RayOfCluster = {
  rayToken: string;
  /** `target`: RAY_DASHBOARD, or the address of one of its Ray nodes. Throws `cluster-unreachable`. */
  connect(target: string): Promise<Duplex>;
};

/** One GET over a connection of its own. Whoever asks reads the answer's body, or destroys it. */
export async function askRay(
  ray: RayOfCluster,
  target: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<IncomingMessage> {
  const connection = await ray.connect(target);
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({
      createConnection: () => connection,
      path,
      headers: { ...headers, host: "ray", connection: "close", authorization: `Bearer ${ray.rayToken}` },
    });
    outgoing.once("error", (error) => {
      connection.destroy();
      reject(error);
    });
    outgoing.once("response", (answer) => {
      answer.once("close", () => connection.destroy());
      if (!isRedirect(answer)) return resolve(answer);
      answer.destroy();
      reject(redirected());
    });
    outgoing.end();
  });
}

const WORDS_LIMIT = 1024 * 1024;

/** An answer's whole body, as far as it is words and not a log. */
export async function wordsOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > WORDS_LIMIT) {
      answer.destroy();
      break;
    }
  }
  return Buffer.concat(chunks).toString("utf8");
}
