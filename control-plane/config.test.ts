import { expect, test } from "vitest";
import { readConfig } from "./config.ts";

const right = {
  IONET_DATA: "data",
  IONET_RPC_URL: "http://127.0.0.1:8899",
  IONET_WS_URL: "ws://127.0.0.1:8900",
  IONET_METER_KEYPAIR: "meter.json",
  IONET_PAYER_KEYPAIR: "payer.json",
};

test("defaults listen on loopback, on a local network", () => {
  expect(readConfig(right)).toMatchObject({
    host: "127.0.0.1",
    port: 8080,
    network: "local",
    publicUrl: null,
  });
  expect(readConfig({ ...right, IONET_PUBLIC_URL: "https://ionet.example/" }).publicUrl).toBe(
    "https://ionet.example",
  );
});

test("every variable that is missing or wrong is named, its value is not", () => {
  const wrong = { ...right, PORT: "many", IONET_RPC_URL: "ftp://hush", IONET_PAYER_KEYPAIR: "" };
  const read = () => readConfig(wrong);
  for (const name of ["PORT", "IONET_RPC_URL", "IONET_PAYER_KEYPAIR is missing"]) expect(read).toThrow(name);
  expect(read).not.toThrow(/hush|many/);
  expect(() => readConfig({ ...right, IONET_DATA: undefined })).toThrow(
    /config-invalid: .*DATABASE_URL.*IONET_DATA/,
  );
});

test("devnet and mainnet need a database server", () => {
  for (const IONET_NETWORK of ["devnet", "mainnet"]) {
    expect(() => readConfig({ ...right, IONET_NETWORK })).toThrow(/^database-server-needed: /);
    const DATABASE_URL = "postgres://localhost/ionet";
    expect(readConfig({ ...right, IONET_NETWORK, DATABASE_URL }).database).toEqual({
      kind: "server",
      url: DATABASE_URL,
    });
  }
});

test("no inventory of others is asked unless it is switched on by name", () => {
  expect(readConfig(right)).toMatchObject({ connectors: [], vastUrl: "https://console.vast.ai" });
  expect(readConfig({ ...right, IONET_CONNECTORS: "vast.ai" }).connectors).toEqual(["vast.ai"]);
  expect(() => readConfig({ ...right, IONET_CONNECTORS: "vast.ai, elsewhere" })).toThrow(/IONET_CONNECTORS/);
});

test("further endpoints are a list of URLs, and none where none is given", () => {
  expect(readConfig(right).rpcFallbackUrls).toEqual([]);
  const IONET_RPC_FALLBACK_URLS = "https://one.example/key, http://two.example";
  expect(readConfig({ ...right, IONET_RPC_FALLBACK_URLS }).rpcFallbackUrls).toEqual([
    "https://one.example/key",
    "http://two.example",
  ]);
  const read = () => readConfig({ ...right, IONET_RPC_FALLBACK_URLS: "https://one.example,hush" });
  expect(read).toThrow("IONET_RPC_FALLBACK_URLS");
  expect(read).not.toThrow(/hush/);
});

test("clients are told the endpoint itself, or the public one that is set", () => {
  expect(readConfig(right)).toMatchObject({
    publicRpcUrl: right.IONET_RPC_URL,
    publicWsUrl: right.IONET_WS_URL,
  });
  const IONET_RPC_URL = "https://solana.example/?api-key=hush";
  const IONET_PUBLIC_RPC_URL = "https://public.example/rpc";
  expect(readConfig({ ...right, IONET_RPC_URL, IONET_PUBLIC_RPC_URL })).toMatchObject({
    rpcUrl: IONET_RPC_URL,
    publicRpcUrl: IONET_PUBLIC_RPC_URL,
  });
});

test.each([
  ["IONET_RPC_URL", "https://solana.example/?api-key=hush"],
  ["IONET_RPC_URL", "https://user:hush@solana.example"],
  ["IONET_RPC_URL", "https://solana.example/v2/hush-0123456789abcdef"],
  ["IONET_RPC_URL", "https://solana.example/#hush"],
  ["IONET_WS_URL", "wss://solana.example/hush0123456789abcdef/"],
])("%s with a key in it is not told to clients: the control plane does not start (%s)", (name, url) => {
  const read = () => readConfig({ ...right, [name]: url });
  expect(read).toThrow(/^rpc-url-secret: /);
  expect(read).toThrow(name.replace("IONET_", "IONET_PUBLIC_"));
  expect(read).not.toThrow(/hush/);
});
