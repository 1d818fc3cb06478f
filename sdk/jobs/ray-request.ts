import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Problem, problem } from "@ionet/protocol";
import { rayProblem } from "./ray-problem.ts";

/** Where a cluster's Ray Jobs API is reached, and as whom. */
export type RayAddress = {
  /** The cluster's `jobsAddress`. */
  jobsAddress: string;
  /** A sign-in token or an API key with the scope `jobs`. */
  token: string;
};

export type RayCall = {
  method: "GET" | "PUT" | "POST" | "DELETE";
  path: string;
  body?: Uint8Array;
  contentType?: string;
  /** What is wanted back; JSON when left out. */
  accept?: string;
  /** How much of the body is out, as it goes. */
  onSent?: (bytes: number) => void;
  signal?: AbortSignal;
  /** Given up when nothing came or went for so long, in ms. */
  idleMs?: number;
};

/** Longer than the gateway lets a follower wait for a sign of life, and than Ray takes to store a package. */
const IDLE_MS = 90_000;
const PIECE_BYTES = 64 * 1024;

/**
 * One call of Ray's REST API through the gateway. By node:http and not fetch, which sends `sec-fetch-mode`: Ray takes
 * that for a browser and refuses to be written to. A body may take as long as its bytes go.
 */
export async function rayRequest(at: RayAddress, call: RayCall): Promise<IncomingMessage> {
  const url = new URL(at.jobsAddress.replace(/\/+$/, "") + call.path);
  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  const headers: Record<string, string> = {
    authorization: `Bearer ${at.token}`,
    accept: call.accept ?? "application/json",
  };
  if (call.body) {
    headers["content-length"] = String(call.body.length);
    headers["content-type"] = call.contentType ?? "application/json";
  }
  const { idleMs = IDLE_MS, signal } = call;
  return new Promise((resolve, reject) => {
    const outgoing = send(url, { method: call.method, headers, ...(signal ? { signal } : {}) }, resolve);
    const fail = (error: Error) => reject(signal?.aborted ? error : unanswered(at, error));
    outgoing.on("error", fail);
    outgoing.setTimeout(idleMs, () =>
      outgoing.destroy(new Error(`nothing came or went for ${idleMs / 1000} s`)),
    );
    const body = Readable.from(pieces(call.body ?? new Uint8Array(), call.onSent), { objectMode: false });
    // What is refused before all of it is out is answered all the same.
    pipeline(body, outgoing).catch(fail);
  });
}

function* pieces(body: Uint8Array, onSent?: (bytes: number) => void): Generator<Uint8Array> {
  for (let at = 0; at < body.length; at += PIECE_BYTES) {
    yield body.subarray(at, at + PIECE_BYTES);
    onSent?.(Math.min(at + PIECE_BYTES, body.length));
  }
}

/** The gateway does not answer, or no longer. */
export const unanswered = (at: RayAddress, error: Error): Problem =>
  problem("cluster-unreachable", {
    detail: `the gateway does not answer: ${error.message}`,
    field: "jobsAddress",
    given: at.jobsAddress,
    next: "check that the control plane runs, then try again",
  });

/** What a call was answered, whole. */
export async function rayAnswer(at: RayAddress, call: RayCall): Promise<{ status: number; text: string }> {
  const answer = await rayRequest(at, call);
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of answer) chunks.push(chunk);
  } catch (error) {
    if (call.signal?.aborted || !(error instanceof Error)) throw error;
    throw unanswered(at, error);
  }
  return { status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") };
}

/** The whole body of a successful call; a Problem otherwise. */
export async function rayText(
  at: RayAddress,
  call: RayCall,
  about: { field?: string; given?: string } = {},
): Promise<string> {
  const { status, text } = await rayAnswer(at, call);
  if (status >= 200 && status < 300) return text;
  throw rayProblem(status, text, { call: `${call.method} ${call.path}`, ...about });
}
