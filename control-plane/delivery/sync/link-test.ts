import { Readable } from "node:stream";
import type { Clock } from "@ionet/machine";
import { LINK_PATH, LINK_TEST_BYTES, type NodeId, problem } from "@ionet/protocol";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Random } from "../../platform/context.ts";
import { type VerifyNode, webHeaders } from "../../platform/http/server.ts";

/** A node measures a direction at most this often; its agent does four times a day. */
const EVERY_MS = 30 * 60_000;
/** More at once would measure each other, and cost us more than they are worth. */
const AT_ONCE = 8;
/** An agent ends its part after five seconds; who is slower than this is cut off. */
const LIMIT_MS = 15_000;
const CHUNK_BYTES = 64 * 1024;

export type LinkTestParts = { verifyNode: VerifyNode; clock: Clock; random: Random };

/**
 * Lets a node's agent measure how fast it and we reach each other: it gets, or sends, at most LINK_TEST_BYTES that mean
 * nothing. Sessions of nodes only; the signature covers no body. Call it before the server listens.
 */
export function attachLinkTest(server: FastifyInstance, { verifyNode, clock, random }: LinkTestParts): void {
  const last = new Map<string, number>();
  let running = 0;

  const admit = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const { method } = request;
    const signed = { method, path: LINK_PATH, headers: webHeaders(request), body: new Uint8Array() };
    const { nodeId } = await verifyNode(signed, "node-session");
    allow(nodeId, method);
    running += 1;
    const timer = setTimeout(() => request.raw.socket.destroy(), LIMIT_MS);
    reply.raw.once("close", () => {
      running -= 1;
      clearTimeout(timer);
    });
  };

  function allow(nodeId: NodeId, method: string): void {
    const nowMs = clock.now();
    for (const [key, atMs] of last) if (nowMs - atMs >= EVERY_MS) last.delete(key);
    const key = `${method} ${nodeId}`;
    if (last.has(key)) {
      throw problem("rate-limited", {
        detail: "this node has measured its link just now",
        allowed: `once in ${EVERY_MS / 60_000} minutes`,
        next: "Measure later; the agent does it by itself, four times a day.",
      });
    }
    if (running >= AT_ONCE) {
      throw problem("unavailable", {
        detail: "other nodes measure their links just now",
        next: "Try again in some minutes.",
      });
    }
    last.set(key, nowMs);
  }

  server.register(async (scope) => {
    // Not read into memory: counted as it comes.
    scope.addContentTypeParser("application/octet-stream", (_request, _body, done) => done(null));
    scope.get(LINK_PATH, { onRequest: admit }, (_request, reply) =>
      reply
        .type("application/octet-stream")
        .header("content-length", LINK_TEST_BYTES)
        .header("cache-control", "no-store")
        .send(Readable.from(noise(random))),
    );
    scope.post(LINK_PATH, { onRequest: admit }, async (request) => ({ bytes: await count(request.raw) }));
  });
}

/** The same random chunk again and again: nothing on the way can shorten it by much. */
function* noise(random: Random): Generator<Uint8Array> {
  const chunk = random.bytes(CHUNK_BYTES);
  for (let sent = 0; sent < LINK_TEST_BYTES; sent += CHUNK_BYTES) yield chunk;
}

async function count(body: AsyncIterable<Uint8Array>): Promise<number> {
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > LINK_TEST_BYTES) {
      throw problem("body-too-large", {
        detail: "more than a measurement needs",
        allowed: `at most ${LINK_TEST_BYTES} bytes`,
        next: "Send less.",
      });
    }
  }
  return bytes;
}
