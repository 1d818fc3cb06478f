import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { createSolanaRpc } from "@solana/kit";
import { afterEach, expect, test } from "vitest";
import { TEST_MINTS } from "./genesis.ts";

const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill("SIGKILL");
});

function start(...args: string[]) {
  const child = spawn(process.execPath, [fileURLToPath(new URL("main.ts", import.meta.url)), ...args], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  started.push(child);
  let output = "";
  let errors = "";
  child.stdout.on("data", (data) => {
    output += data;
  });
  child.stderr.on("data", (data) => {
    errors += data;
  });
  const ended = once(child, "close").then(([code]) => ({ code, output, errors }));
  const ready = async () => {
    await expect.poll(() => output, { timeout: 20_000 }).toContain("\n");
    return JSON.parse(output);
  };
  return { child, ended, ready };
}

test("the command says in one line where the network is, and ends cleanly on SIGTERM", async () => {
  const chain = start("--port", "0");
  const ready = await chain.ready();
  expect(ready).toMatchObject({ mints: { USDC: TEST_MINTS.USDC.address }, programs: [] });
  expect(await createSolanaRpc(ready.rpcUrl).getGenesisHash().send()).toBe(ready.genesisHash);
  chain.child.kill("SIGTERM");
  const { code, output, errors } = await chain.ended;
  expect([code, output.trim().split("\n").length, errors]).toEqual([0, 1, ""]);
});

test("with --exit-with-parent it ends when its standard input closes", async () => {
  const chain = start("--port", "0", "--exit-with-parent");
  await chain.ready();
  chain.child.stdin?.end();
  expect(await chain.ended).toMatchObject({ code: 0 });
});

test("a taken port is told with a code and what to do", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const address = other.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const { code, output, errors } = await start("--port", String(port)).ended;
  other.close();
  expect([code, output]).toEqual([1, ""]);
  expect(errors).toContain(`port_taken: port: given ${port}`);
  expect(errors).toContain("--port 0");
});

test("a wrong option is named, with what is allowed", async () => {
  const cases: [string[], string][] = [
    [["--port", "99999"], "--port: given 99999; allowed: a whole number from 0 to 65534"],
    [["--program", "x=y"], "--program: given x=y; allowed: ADDRESS=PATH.so"],
    [
      ["--program", `${TEST_MINTS.USDC.address}=missing.so`],
      "--program: given missing.so; allowed: a readable file",
    ],
    [["--upgrade-authority", "me"], "--upgrade-authority: given me; allowed: an address"],
    [["--colour"], "--colour"],
  ];
  for (const [args, words] of cases) {
    const { code, errors } = await start(...args).ended;
    expect([code, errors]).toEqual([1, expect.stringContaining(words)]);
  }
});

test("time is moved by a client only where the network was started for it", async () => {
  const advance = async (rpcUrl: string) => {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ionet_advanceClock", params: [86_400] });
    return await (await fetch(rpcUrl, { method: "POST", body })).json();
  };
  const movable = await start("--port", "0", "--movable-clock").ready();
  const before = await createSolanaRpc(movable.rpcUrl).getSlot({ commitment: "processed" }).send();
  const { result } = await advance(movable.rpcUrl);
  expect(BigInt(result) - before).toBeGreaterThanOrEqual(216_000n);
  const fixed = await start("--port", "0").ready();
  expect(await advance(fixed.rpcUrl)).toMatchObject({ error: { code: -32600 } });
});
