import { problem, type RequestEvent, type RequestId, requestEventSchema } from "@ionet/protocol";
import type { Ionet } from "./client.ts";
import { readEventStream } from "./event-stream.ts";
import { isUnavailable, type Patience, patiently } from "./patiently.ts";
import { pause } from "./pause.ts";
import { readProblem } from "./read-problem.ts";

export type FollowOptions = Patience & {
  /** Only what happened after the event with this id. */
  after?: number;
};

/** How long an answer is held back where there is no stream, in seconds. */
const POLL_SECONDS = 20;
/** A stream that says nothing for so long is taken for dead: the control plane says something every 15 s. */
const SILENT_MS = 45_000;
/** Between two connections, in ms. */
const AGAIN_MS = 500;

/**
 * What happens to a request, as it happens, oldest first, until nothing more will: by the event stream, opened anew after
 * the last event seen whenever it breaks, and by long polls where no stream comes through. Of the events that tell what
 * it waits for only the newest is kept, so some of them may be missed; never another. Throws `not-found`, `unavailable`
 * when nothing answers until the time is over, and what the signal was aborted with.
 *
 * @example
 * for await (const { event, detail } of followRequest(ionet, id)) console.log(event, detail);
 */
export async function* followRequest(
  ionet: Ionet,
  requestId: RequestId,
  options: FollowOptions = {},
): AsyncGenerator<RequestEvent> {
  const { signal } = options;
  let after = options.after ?? 0;
  let streams = true;
  for (;;) {
    signal?.throwIfAborted();
    try {
      if (streams) {
        for await (const event of streamed(ionet, requestId, { after, signal })) {
          after = event.id;
          yield event;
        }
      }
    } catch (error) {
      if (error instanceof NoStream) streams = false;
      else if (!isUnavailable(error)) throw error;
    }
    // Where the stream ended, or broke: what it has not said; and whether that was all.
    const query = { after, waitSeconds: streams ? 0 : POLL_SECONDS };
    const { items, ended } = await patiently(
      () => ionet.listRequestEvents({ params: { requestId }, query, ...(signal ? { signal } : {}) }),
      options,
    );
    for (const event of items) {
      after = event.id;
      yield event;
    }
    if (ended) return;
    if (streams) await pause(options.firstPauseMs ?? AGAIN_MS, signal);
  }
}

/** Something between here and the control plane does not let event streams through. */
class NoStream extends Error {
  override readonly name = "NoStream";
}

async function* streamed(
  ionet: Ionet,
  requestId: RequestId,
  { after, signal }: { after: number; signal: AbortSignal | undefined },
): AsyncGenerator<RequestEvent> {
  const path = `/v1/requests/${encodeURIComponent(requestId)}/events`;
  const silence = new AbortController();
  const headers = new Headers({ accept: "text/event-stream", "last-event-id": String(after) });
  if (ionet.token !== undefined) headers.set("authorization", `Bearer ${ionet.token}`);
  let timer = setTimeout(() => silence.abort(), SILENT_MS);
  try {
    const signals = signal === undefined ? [silence.signal] : [silence.signal, signal];
    const answer = await ionet.fetch(ionet.url + path, { headers, signal: AbortSignal.any(signals) });
    if (!answer.ok) throw readProblem(answer.status, await answer.text(), path);
    const isStream = answer.headers.get("content-type")?.includes("text/event-stream") === true;
    if (!isStream || answer.body === null) {
      await answer.body?.cancel();
      throw new NoStream();
    }
    const heard = async function* (body: AsyncIterable<Uint8Array>) {
      for await (const chunk of body) {
        clearTimeout(timer);
        timer = setTimeout(() => silence.abort(), SILENT_MS);
        yield chunk;
      }
    };
    for await (const { data } of readEventStream(heard(answer.body)))
      yield requestEventSchema.decode(JSON.parse(data));
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    // Whatever else breaks a connection is no more than that.
    if (error instanceof TypeError || silence.signal.aborted)
      throw problem("unavailable", { detail: "the event stream broke", next: "open it anew" });
    throw error;
  } finally {
    clearTimeout(timer);
    silence.abort();
  }
}
