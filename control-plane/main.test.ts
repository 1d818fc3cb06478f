import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createKeypairFile } from "@ionet/chain/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestChain } from "./delivery/settlement/testing/chain.ts";

const folder = mkdtempSync(join(tmpdir(), "ionet-main-"));
const keypair = join(folder, "key.json");
beforeAll(async () => {
  await createKeypairFile(keypair);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// Nothing answers on the discard port: the chain is not there.
const environment = {
  IONET_DATA: folder,
  IONET_RPC_URL: "http://127.0.0.1:9",
  IONET_WS_URL: "ws://127.0.0.1:9",
  IONET_METER_KEYPAIR: keypair,
  IONET_PAYER_KEYPAIR: keypair,
  PORT: "0",
};

type Ended = { code: number | null; errors: string };
function start(more: Record<string, string>): {
  child: ChildProcess;
  ended: Promise<Ended>;
  errors: () => string;
} {
  const main = fileURLToPath(new URL("./main.ts", import.meta.url));
  const child = spawn(process.execPath, [main], {
    env: { ...environment, ...more },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  const ended = new Promise<Ended>((resolve) => child.once("close", (code) => resolve({ code, errors })));
  return { child, ended, errors: () => errors };
}

test("it waits for a chain that is not there, and SIGTERM ends it cleanly", async () => {
  const { child, ended, errors } = start({});
  await expect.poll(errors, { timeout: 30_000 }).toMatch(/retryInMs":400.*can't be reached/);
  child.kill("SIGTERM");
  expect((await ended).code).toBe(0);
});

test("a taken port, a missing key file and a missing variable are told in one line each, with what to do", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const address = other.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const cases = [
    [{ PORT: String(port) }, /^port-taken: port \d+ is in use\. .*PORT.*\n$/],
    [{ IONET_METER_KEYPAIR: join(folder, "none.json") }, /^keypair-unreadable: IONET_METER_KEYPAIR: .*\n$/],
    [{ IONET_RPC_URL: "" }, /^config-invalid: IONET_RPC_URL is missing.*\n$/],
  ] as const;
  for (const [more, message] of cases) {
    const { code, errors } = await start(more).ended;
    expect([code, errors]).toEqual([1, expect.stringMatching(message)]);
  }
  other.close();
}, 120_000);

test("an endpoint that is down does not stop the start when another one answers, and no key of a URL is shown", async () => {
  const net = await startTestChain();
  // The key is no meter of that network: whoever says so has read the chain.
  const { code, errors } = await start({
    IONET_RPC_URL: "http://127.0.0.1:9/secret-key",
    IONET_RPC_FALLBACK_URLS: `http://127.0.0.1:9/another-key,${net.chain.url}`,
  }).ended;
  expect([code, errors]).toEqual([1, expect.stringContaining("meter-unknown")]);
  expect(errors).toContain("another one is asked");
  expect(errors).not.toMatch(/secret-key|another-key/);
  await net.stop();
}, 120_000);
