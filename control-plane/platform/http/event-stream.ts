import type { FastifyReply } from "fastify";

/** One answer of a call whose items are events: each has an id that grows, and nothing comes after the end. */
type Events = { items: { id: number; event: string }[]; ended: boolean };

/** Whether a caller asks for events one after the other. */
export const wantsEventStream = (accept: string | undefined): boolean =>
  accept?.includes("text/event-stream") === true;

/** The id after which to go on: a client that was cut off names the last that it has seen; else what it asked for. */
export function lastEventId(header: string | string[] | undefined, asked: unknown): string {
  const given = typeof header === "string" ? header : asked;
  return typeof given === "string" && given !== "" ? given : "0";
}

/**
 * Sends events as they come (server-sent events, the HTML standard's `text/event-stream`) until the last one, or until
 * the signal aborts. `read` answers what came after an id; it may hold its answer back for a while, and when it answers
 * nothing a comment keeps the connection open.
 */
export async function sendEvents(
  reply: FastifyReply,
  signal: AbortSignal,
  { after, read }: { after: string; read: (after: string) => Promise<unknown> },
): Promise<void> {
  // The first answer may be a refusal, which is no stream.
  let answer = asEvents(await read(after));
  reply.hijack();
  reply.raw.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store",
    "x-accel-buffering": "no",
  });
  let last = after;
  for (;;) {
    for (const item of answer.items) {
      last = String(item.id);
      reply.raw.write(`id: ${last}\nevent: ${item.event}\ndata: ${JSON.stringify(item)}\n\n`);
    }
    if (answer.ended || signal.aborted) break;
    if (answer.items.length === 0) reply.raw.write(": nothing new\n\n");
    try {
      answer = asEvents(await read(last));
    } catch (error) {
      // The headers are gone: the client comes back, and is told then.
      reply.log.warn({ err: error }, "an event stream was cut off");
      break;
    }
  }
  reply.raw.end();
}

function asEvents(answer: unknown): Events {
  const { items, ended } = Object(answer);
  if (!Array.isArray(items) || typeof ended !== "boolean") throw new Error("this call has no events");
  return { items, ended };
}
