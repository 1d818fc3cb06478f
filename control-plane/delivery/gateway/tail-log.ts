import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { Problem } from "@ionet/protocol";
import { type WebSocket, WebSocketServer } from "ws";
import type { RayOfCluster } from "./ask-ray.ts";
import { followJobLog, placeOfJob, RayRefused } from "./job-log.ts";

/** So long a follower waits for a tunnel that is dialled again, in ms. */
const PATIENCE_MS = 60_000;
const AGAIN_MS = 1_000;
/** Said, not left out: Ray's client takes a close without a code for a break. */
const DONE = 1000;
const INTERNAL_ERROR = 1011;
const GOING_AWAY = 1001;

const handshake = new WebSocketServer({ noServer: true, maxPayload: 64 * 1024 });

/**
 * Answers Ray's WebSocket that follows a job's log: its text as it comes, then a close. Bytes that are no UTF-8 are
 * replaced, and a tunnel that breaks is waited for. Throws as placeOfJob does, before anything is upgraded.
 */
export async function tailLog(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  log: { ray: RayOfCluster; jobId: string; ending: AbortSignal },
): Promise<void> {
  await placeOfJob(log.ray, log.jobId);
  handshake.handleUpgrade(request, socket, head, (client) => void follow(client, log));
}

async function follow(
  client: WebSocket,
  { ray, jobId, ending }: { ray: RayOfCluster; jobId: string; ending: AbortSignal },
): Promise<void> {
  const gone = new AbortController();
  client.once("close", () => gone.abort());
  client.on("error", () => client.terminate());
  const signal = AbortSignal.any([gone.signal, ending]);
  const decoder = new TextDecoder();
  let fromByte = 0;
  for (let lostMs = 0; !signal.aborted; lostMs += AGAIN_MS) {
    try {
      for await (const chunk of followJobLog(ray, jobId, {
        fromByte,
        quietMs: Number.POSITIVE_INFINITY,
        signal,
      })) {
        fromByte += chunk.length;
        lostMs = 0;
        await send(client, decoder.decode(chunk, { stream: true }));
      }
      if (signal.aborted) break;
      await send(client, decoder.decode());
      client.close(DONE);
      return;
    } catch (error) {
      if (signal.aborted) break;
      if (lostMs >= PATIENCE_MS || !mayPass(error)) {
        client.close(INTERNAL_ERROR, wordsFor(error));
        return;
      }
      await sleep(AGAIN_MS, undefined, { signal }).catch(() => undefined);
    }
  }
  client.close(GOING_AWAY);
}

/** Whether a fault is one of the way to the cluster, and not its answer. */
const mayPass = (error: unknown): boolean =>
  error instanceof Problem ? error.code === "cluster-unreachable" : !(error instanceof RayRefused);

/** A close has room for 123 bytes. */
const wordsFor = (error: unknown): string =>
  Buffer.from(error instanceof Problem ? error.input.detail : "the log can't be read")
    .subarray(0, 100)
    .toString("latin1");

const send = (client: WebSocket, text: string) =>
  new Promise<void>((resolve, reject) => {
    if (text === "") return resolve();
    client.send(text, (error) => (error ? reject(error) : resolve()));
  });
