import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { problem } from "@ionet/protocol";
import { readProblem } from "../read-problem.ts";

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
  signal?: AbortSignal;
};

/**
 * One call of Ray's REST API through the gateway. By node:http and not fetch, which sends `sec-fetch-mode`: Ray takes
 * that for a browser and refuses to be written to.
 */
export async function rayRequest(at: RayAddress, call: RayCall): Promise<IncomingMessage> {
  const url = new URL(at.jobsAddress.replace(/\/+$/, "") + call.path);
  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  const headers: Record<string, string> = { authorization: `Bearer ${at.token}`, accept: "application/json" };
  if (call.body) {
    headers["content-length"] = String(call.body.length);
    headers["content-type"] = call.contentType ?? "application/json";
  }
  return new Promise((resolve, reject) => {
    const options = { method: call.method, headers, ...(call.signal ? { signal: call.signal } : {}) };
    const outgoing = send(url, options, resolve);
    outgoing.on("error", (error) => {
      if (call.signal?.aborted) reject(error);
      else
        reject(
          problem("cluster-unreachable", {
            detail: `the gateway does not answer: ${error.message}`,
            field: "jobsAddress",
            given: at.jobsAddress,
            next: "check that the control plane runs, then try again",
          }),
        );
    });
    outgoing.end(call.body);
  });
}

/** What a call was answered, whole. */
export async function rayAnswer(at: RayAddress, call: RayCall): Promise<{ status: number; text: string }> {
  const answer = await rayRequest(at, call);
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk);
  return { status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") };
}

/** The whole body of a successful call; a Problem otherwise. */
export async function rayText(at: RayAddress, call: RayCall): Promise<string> {
  const { status, text } = await rayAnswer(at, call);
  if (status >= 200 && status < 300) return text;
  throw readProblem(status, text, `${call.method} ${call.path}`);
}
