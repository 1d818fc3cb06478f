import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { problem } from "@ionet/protocol";
import type { RayOfCluster } from "./ask-ray.ts";
import { followJobLog, placeOfJob, RayRefused, readJobLog } from "./job-log.ts";
import { headersForClient } from "./proxy-headers.ts";

/** Nobody between here and a follower takes a connection for dead so soon. */
const QUIET_MS = 20_000;

/**
 * What answers GET /api/jobs/JOB/logs. Asked for `text/plain`: the output as it is, from the byte `from` on, and with
 * `follow=true` as it comes. Else as Ray does, as JSON, but with bytes that are no UTF-8 replaced. Throws as placeOfJob.
 */
export async function answerLog(
  from: IncomingMessage,
  log: { ray: RayOfCluster; jobId: string; query: URLSearchParams; ending: AbortSignal },
): Promise<(to: ServerResponse) => Promise<void>> {
  const { ray, jobId, query, ending } = log;
  const isPlain = /\btext\/plain\b/.test(from.headers.accept ?? "");
  const fromByte = isPlain ? startOf(query) : 0;
  const isFollowed = isPlain && query.get("follow") === "true";
  const gone = new AbortController();
  const signal = AbortSignal.any([gone.signal, ending]);
  try {
    const place = await placeOfJob(ray, jobId);
    const bytes = isFollowed
      ? followJobLog(ray, jobId, { fromByte, quietMs: QUIET_MS, signal })
      : readJobLog(ray, place, fromByte);
    // The first bytes, or that there are none: what fails before them is told in words.
    const first = isFollowed ? undefined : await bytes.next();
    const all = first === undefined ? bytes : withFirst(first, bytes);
    return async (to) => {
      to.once("close", () => gone.abort());
      const type = isPlain ? "text/plain" : "application/json";
      to.writeHead(200, headersForClient({ "content-type": `${type}; charset=utf-8` }));
      to.flushHeaders();
      await pipeline(Readable.from(isPlain ? all : asJson(all)), to).catch(() => to.destroy());
    };
  } catch (error) {
    if (!(error instanceof RayRefused)) throw error;
    const headers = headersForClient({ "content-type": "text/plain; charset=utf-8" });
    return async (to) => {
      to.writeHead(error.status, headers).end(error.message);
    };
  }
}

async function* withFirst(
  first: IteratorResult<Buffer>,
  rest: AsyncGenerator<Buffer>,
): AsyncGenerator<Buffer> {
  if (first.done) return;
  yield first.value;
  yield* rest;
}

/** Ray's own form of a log, without ever holding all of it. */
async function* asJson(bytes: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  const inner = (text: string) => JSON.stringify(text).slice(1, -1);
  yield '{"logs": "';
  for await (const chunk of bytes) yield inner(decoder.decode(chunk, { stream: true }));
  yield `${inner(decoder.decode())}"}`;
}

function startOf(query: URLSearchParams): number {
  const given = query.get("from") ?? "0";
  const fromByte = /^\d{1,15}$/.test(given) ? Number(given) : undefined;
  if (fromByte !== undefined) return fromByte;
  throw problem("invalid-request", {
    detail: "a log is read from one of its bytes on",
    field: "from",
    given: given.slice(0, 60),
    allowed: "a whole number of bytes, 0 or more",
    next: "Leave it out to read all of the log.",
  });
}
