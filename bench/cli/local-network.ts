import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { IONET } from "./timed.ts";

/** A network as `ionet network up` makes it, on free ports, in a folder of its own; `stop` ends and removes it. */
export async function startLocalNetwork(): Promise<{ url: string; stop(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "ionet-bench-cli-"));
  const args = ["network", "up", "--state", folder, "--port", "0", "--rpc-port", "0", "--loopback", "--json"];
  const child = spawn(IONET, args, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit");
  const stop = async () => {
    child.kill("SIGTERM");
    await ended;
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /^ {2}"url": "([^"]+)"/.exec(line)?.[1];
    if (url === undefined) continue;
    child.stdout.resume();
    return { url, stop };
  }
  await stop();
  throw new Error("the local network did not start");
}
