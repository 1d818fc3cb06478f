import { afterAll, beforeAll, expect, test } from "vitest";
import { STILL, startTestNetwork, type TestNetwork } from "../testing/network.ts";
import { PortTaken, serveRpc } from "./server.ts";

let chain: TestNetwork;
beforeAll(async () => {
  chain = await startTestNetwork(STILL);
});
afterAll(async () => {
  await chain.server.close();
  expect(chain.faults).toEqual([]);
});

const post = async (body: string) =>
  await (await fetch(chain.server.rpcUrl, { method: "POST", body })).json();

test("a method that the network does not have is answered -32601, inherited names too", async () => {
  for (const method of ["getNothing", "toString", "__proto__"])
    expect(await chain.call(method, [])).toEqual({
      jsonrpc: "2.0",
      id: 1,
      error: { code: -32601, message: "Method not found" },
    });
});

test("a wrong parameter is answered -32602 with its name, what was given and what is allowed", async () => {
  const wallet = chain.network.faucet.signer.address;
  const cases: [string, unknown[], string][] = [
    ["getBalance", [], "address"],
    ["getBalance", [wallet, { commitment: "recent" }], "commitment"],
    ["getBalance", [wallet, { minContextSlot: -1 }], "minContextSlot"],
    ["getAccountInfo", [wallet, { encoding: "hex" }], "encoding"],
    ["getAccountInfo", [wallet, { dataSlice: { offset: "0", length: 1 } }], "dataSlice.offset"],
    ["getMultipleAccounts", [[wallet, "x"]], "addresses[1]"],
    [
      "getProgramAccounts",
      [wallet, { filters: [{ memcmp: { offset: 0, bytes: "0OIl" } }] }],
      "filters[0].memcmp.bytes",
    ],
    ["getProgramAccounts", [wallet, { filters: [{}] }], "filters[0]"],
    ["getTokenAccountsByOwner", [wallet, {}], "filter"],
    ["sendTransaction", [7], "transaction"],
    ["sendTransaction", ["AA==", { encoding: "base65" }], "encoding"],
    ["getSignatureStatuses", [["x"]], "signatures[0]"],
    ["getTransaction", [wallet], "signature"],
    ["requestAirdrop", [wallet, 1.5], "lamports"],
  ];
  for (const [method, params, field] of cases)
    expect(await chain.call(method, params), method).toMatchObject({
      error: { code: -32602, message: expect.stringMatching(/given .*; allowed: /), data: { field } },
    });
});

test("bytes that are no transaction are refused, not crashed on", async () => {
  for (const bytes of ["", "AAAA", Buffer.alloc(1300, 1).toString("base64")])
    expect(await chain.call("sendTransaction", [bytes, { encoding: "base64" }])).toMatchObject({
      error: { code: -32602, message: expect.stringContaining("transaction") },
    });
});

test("text that is no JSON, or no request, is answered with the codes of JSON-RPC", async () => {
  expect(await post("{")).toMatchObject({ error: { code: -32700 }, id: null });
  expect(await post("{}")).toMatchObject({ error: { code: -32600 }, id: null });
  expect(await post("[]")).toMatchObject({ error: { code: -32600 }, id: null });
  expect(await post('{"jsonrpc":"2.0","id":"a","method":"getHealth","params":{}}')).toMatchObject({
    error: { code: -32602 },
    id: "a",
  });
});

test("a batch is answered in its order, with the ids of its calls", async () => {
  const batch = ["a", 2].map((id) => ({ jsonrpc: "2.0", id, method: "getHealth" }));
  expect(await post(JSON.stringify(batch))).toEqual([
    { jsonrpc: "2.0", id: "a", result: "ok" },
    { jsonrpc: "2.0", id: 2, result: "ok" },
  ]);
});

test("a web page may ask, whatever its origin", async () => {
  const answer = await fetch(chain.server.rpcUrl, { method: "OPTIONS" });
  expect(answer.headers.get("access-control-allow-origin")).toBe("*");
});

test("a port that is taken is said so with its code, the WebSocket's too", async () => {
  const port = Number(new URL(chain.server.rpcUrl).port);
  for (const taken of [port, port - 1]) {
    const attempt = serveRpc(chain.network, taken, () => {});
    await expect(attempt).rejects.toBeInstanceOf(PortTaken);
    await expect(attempt).rejects.toMatchObject({
      code: "port_taken",
      message: expect.stringContaining(`${taken}`),
    });
  }
});

test("the WebSocket's port is the one after the calls' port", () => {
  expect(Number(new URL(chain.server.wsUrl).port)).toBe(Number(new URL(chain.server.rpcUrl).port) + 1);
});

test("two networks have nothing in common that a transaction could be replayed by", async () => {
  const other = await startTestNetwork(STILL);
  expect(other.network.genesisHash).not.toBe(chain.network.genesisHash);
  const hashes = [chain, other].map(({ network }) => network.slots.blockhash(network.slots.current()));
  expect(hashes[0]).not.toBe(hashes[1]);
  await other.server.close();
});

test("slots, block times and the programs' clock follow the clock that the network was given", async () => {
  const before = await chain.rpc.getSlot({ commitment: "processed" }).send();
  const seconds = async () => {
    const { value } = await chain.rpc
      .getAccountInfo(clockSysvar, { encoding: "base64", commitment: "processed" })
      .send();
    return Buffer.from(value?.data[0] ?? "", "base64").readBigInt64LE(32);
  };
  const then = await seconds();
  chain.clock.advance(14 * 24 * 3600);
  expect((await chain.rpc.getSlot({ commitment: "processed" }).send()) - before).toBe(3_024_000n);
  expect((await seconds()) - then).toBe(1_209_600n);
  const { absoluteSlot, blockHeight } = await chain.rpc.getEpochInfo({ commitment: "finalized" }).send();
  expect(absoluteSlot - before).toBe(3_024_000n - 2n);
  expect(await chain.rpc.getBlockHeight({ commitment: "finalized" }).send()).toBe(blockHeight);
  expect(await chain.rpc.getBlockTime(absoluteSlot).send()).toBe(1_790_000_000n + 1_209_600n - 1n);
  expect(() => chain.clock.advance(-1)).toThrow(RangeError);
});

const clockSysvar = "SysvarC1ock11111111111111111111111111111111" as Parameters<
  TestNetwork["rpc"]["getAccountInfo"]
>[0];
