import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { RUNNING, startTestNetwork } from "../testing/network.ts";
import { findPython, prepareClients } from "./python-environment.ts";

const run = promisify(execFile);
const python = await findPython();
const INSTALL_AND_RUN_MS = 300_000;

test("Python's solana and solders do the usual things, synchronous, asynchronous and over the WebSocket", {
  timeout: INSTALL_AND_RUN_MS,
}, async ({ skip }) => {
  if (python === undefined) return skip("no Python 3.10 or newer on PATH");
  const interpreter = await prepareClients(python);
  const chain = await startTestNetwork(RUNNING);
  const script = fileURLToPath(new URL("client.py", import.meta.url));
  try {
    const { stdout } = await run(interpreter, [script, chain.server.rpcUrl, chain.server.wsUrl]);
    expect(stdout).toBe("ok\n");
  } finally {
    await chain.server.close();
  }
  expect(chain.faults).toEqual([]);
});
