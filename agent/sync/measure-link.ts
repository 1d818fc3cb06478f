import type { Clock } from "@ionet/machine";
import { LINK_PATH, LINK_TEST_BYTES, type Link } from "@ionet/protocol";
import { z } from "zod";
import type { AgentSession } from "./agent-session.ts";
import { Unreachable } from "./control-plane-client.ts";

/** A slow link is measured by what it carries in this time, each way. */
const LIMIT_MS = 5_000;
/** Longer than that nothing is waited for. */
const GIVE_UP_MS = 20_000;
const CHUNK_BYTES = 64 * 1024;
const receivedSchema = z.object({ bytes: z.number() });

type LinkMeasureParts = {
  url: string;
  session: Pick<AgentSession, "sign">;
  clock: Clock;
  random: { bytes(count: number): Uint8Array };
};

/**
 * Measures how fast this machine and its control plane reach each other, with one transfer of at most 8 MiB and five
 * seconds each way. Throws Unreachable, also when the control plane would rather not now.
 */
export async function measureLink(parts: LinkMeasureParts): Promise<Link> {
  const downMbps = await measureDown(parts);
  const upMbps = await measureUp(parts);
  const { hostname } = new URL(parts.url);
  return {
    upMbps,
    downMbps,
    measuredAt: new Date(parts.clock.now()).toISOString(),
    loopback: /^(localhost|127\.|\[::1\])/.test(hostname),
  };
}

async function measureDown({ url, session, clock }: LinkMeasureParts): Promise<number> {
  const answer = await ask(url, { method: "GET", headers: session.sign("GET", LINK_PATH) });
  const startMs = clock.now();
  let bytes = 0;
  for await (const chunk of answer.body ?? []) {
    bytes += chunk.length;
    if (clock.now() - startMs >= LIMIT_MS) break;
  }
  return mbps(bytes, clock.now() - startMs);
}

async function measureUp({ url, session, clock, random }: LinkMeasureParts): Promise<number> {
  const chunk = new Uint8Array(random.bytes(CHUNK_BYTES));
  const startMs = clock.now();
  let sent = 0;
  const body = new ReadableStream<Uint8Array>({
    pull: (stream) => {
      if (sent >= LINK_TEST_BYTES || clock.now() - startMs >= LIMIT_MS) return stream.close();
      sent += chunk.length;
      stream.enqueue(chunk);
    },
  });
  const headers = { ...session.sign("POST", LINK_PATH), "content-type": "application/octet-stream" };
  const answer = await ask(url, { method: "POST", headers, body, duplex: "half" });
  const { bytes } = receivedSchema.parse(await answer.json());
  return mbps(bytes, clock.now() - startMs);
}

async function ask(url: string, request: RequestInit & { duplex?: "half" }): Promise<Response> {
  const target = new URL(LINK_PATH, url);
  const answer = await fetch(target, { ...request, signal: AbortSignal.timeout(GIVE_UP_MS) }).catch(
    (error: unknown) => {
      throw new Unreachable(`${target.origin}: the link could not be measured`, { cause: error });
    },
  );
  if (answer.ok) return answer;
  await answer.body?.cancel();
  throw new Unreachable(`${target.origin}: status ${answer.status} to measuring the link`);
}

/** Bytes in milliseconds as Mb/s, to a tenth. */
const mbps = (bytes: number, ms: number): number => Math.round((bytes * 8) / 100 / Math.max(1, ms)) / 10;
