import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Clock, errorText } from "@ionet/machine";
import { type Link, linkSchema } from "@ionet/protocol";
import type { AgentSession } from "./agent-session.ts";
import { measureLink } from "./measure-link.ts";
import type { AgentLog } from "./sync-loop.ts";

const FILE = "link.json";
const EVERY_MS = 6 * 3_600_000;
const RETRY_MS = 5 * 60_000;

export type LinkWatch = { now(): Link | undefined; tick(): void };

/**
 * How fast the network reaches this machine, measured four times a day while nothing is hired: a measurement would take
 * bandwidth from those who pay for it. What was measured is kept over a restart.
 */
export async function watchLink(options: {
  folder: string;
  url: string;
  session: () => AgentSession | undefined;
  isIdle: () => boolean;
  clock: Clock;
  random: { bytes(count: number): Uint8Array };
  onChange: () => void;
  log: AgentLog;
}): Promise<LinkWatch> {
  const { clock, log } = options;
  const path = join(options.folder, FILE);
  let link = await readLink(path);
  let nextMs = link === undefined ? 0 : Date.parse(link.measuredAt) + EVERY_MS;
  let isMeasuring = false;

  async function measure(session: AgentSession): Promise<void> {
    link = await measureLink({ ...options, session });
    nextMs = clock.now() + EVERY_MS;
    const { upMbps, downMbps, loopback } = link;
    const where = loopback ? ", within this machine (loopback): it says nothing of a network" : "";
    log.info({ upMbps, downMbps, loopback }, `the link was measured${where}`);
    options.onChange();
    await writeFile(`${path}.new`, `${JSON.stringify(link)}\n`, { mode: 0o600 });
    await rename(`${path}.new`, path);
  }

  return {
    now: () => link,
    tick: () => {
      const session = options.session();
      if (isMeasuring || session === undefined || clock.now() < nextMs || !options.isIdle()) return;
      isMeasuring = true;
      nextMs = clock.now() + RETRY_MS;
      measure(session)
        .catch((error: unknown) => log.warn({ error: errorText(error) }, "the link is measured later"))
        .finally(() => {
          isMeasuring = false;
        });
    },
  };
}

/** What was measured before; nothing when that can't be read, since it can be measured again. */
async function readLink(path: string): Promise<Link | undefined> {
  const text = await readFile(path, "utf8").catch(() => "");
  try {
    return linkSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
