import { errorText } from "@ionet/machine";
import { problemSchema } from "@ionet/protocol";

/** The control plane said no: its stable code and its own words. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: string;
  readonly status: number;
  readonly next: string;

  constructor(refusal: { code: string; status: number; detail: string; next: string }) {
    super(`${refusal.code}: ${refusal.detail}`);
    this.code = refusal.code;
    this.status = refusal.status;
    this.next = refusal.next;
  }
}

/** No answer: the control plane is not there, or what is there speaks something else. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
}

/** Longer than any answer is held back. */
const TIME_LIMIT_MS = 30_000;

export type Post = {
  url: string;
  path: string;
  body: string;
  headers?: Readonly<Record<string, string>>;
  signal?: AbortSignal;
};

/** Posts JSON. Throws Refusal or Unreachable; an abort by `signal` comes out as its reason. */
export async function postJson(post: Post): Promise<unknown> {
  const limit = AbortSignal.timeout(TIME_LIMIT_MS);
  let status: number;
  let text: string;
  try {
    const answer = await fetch(new URL(post.path, post.url), {
      method: "POST",
      headers: { "content-type": "application/json", ...post.headers },
      body: post.body,
      signal: post.signal ? AbortSignal.any([post.signal, limit]) : limit,
    });
    status = answer.status;
    text = await answer.text();
  } catch (error) {
    post.signal?.throwIfAborted();
    throw new Unreachable(`${post.url}: ${errorText(error)}`, { cause: error });
  }
  const json = parseJson(text);
  if (status >= 200 && status < 300 && json !== undefined) return json;
  const problem = problemSchema.safeParse(json);
  if (problem.success) throw new Refusal(problem.data);
  throw new Unreachable(`${post.url}: status ${status} without problem details`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
