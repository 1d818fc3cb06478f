import { spawnSync } from "node:child_process";
import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ChainError, openEscrowInstruction, readEscrow, send } from "@ionet/chain";
import { openKey, requestSol, requestTokens, startChain } from "@ionet/cli";
import { microUsdPerGpuHour, type Quote } from "@ionet/protocol";
import { createIonet, openEscrows, pause, type RentEvent, rent, signIn } from "@ionet/sdk";
import { address } from "@solana/kit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ionetCommand } from "./command.ts";
import {
  openEngineer,
  openTestNetwork,
  startAgentIn,
  type TestEngineer,
  type TestNetwork,
} from "./network.ts";

const ONE_GPU = { gpuModel: "a100-40gb", gpuCount: 1 };

let network: TestNetwork;
let engineer: TestEngineer;
let rival: TestEngineer;
let early: Quote;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ionet-bad-"));
  network = await openTestNetwork();
  engineer = await openEngineer(network);
  rival = await openEngineer(network, "rival");
  early = await engineer.ionet.createQuote({ body: ONE_GPU });
});
afterAll(async () => {
  await network?.close();
  await rm(folder, { recursive: true, force: true });
});

/** The CLI as this engineer. */
const ionet = (...args: string[]) => ionetCommand(args, { IONET_CONFIG: engineer.config });

test("more than a day in SOL, or another currency: what is allowed", async () => {
  const long = await ionet("quote", "a100-40gb", "--pay", "sol", "--for", "25h");
  expect(long.code).toBe(1);
  expect(long.stderr).toContain("[invalid-request]");
  expect(long.stderr).toMatch(/given: {3}durationSeconds = 90000\n {2}allowed: at most 86400 in SOL/);
  const other = await ionet("quote", "a100-40gb", "--pay", "doge");
  expect(other.stderr).toContain("Given doge; allowed: usdc, sol.");
});

test("more GPUs than there are: what is missing, and what can be had instead", async () => {
  const { code, stdout, stderr } = await ionet("quote", "a100-40gb", "-n", "9");
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toContain("[supply-insufficient]");
  expect(stderr).toMatch(/given: {3}gpuCount = 9\n {2}allowed: at most 5/);
  expect(stderr).toContain("gpuCount 5");
});

test("an unknown GPU model: the nearest ones are named", async () => {
  const { code, stderr } = await ionet("quote", "a1000-40gb");
  expect(code).toBe(1);
  expect(stderr).toContain("[gpu-model-unknown]");
  expect(stderr).toContain("a100-40gb");
});

test("a model that could be several, or that says a count: what it may mean", async () => {
  const several = await ionet("quote", "a100");
  expect(several.code).toBe(1);
  expect(several.stderr).toContain('"a100" could be a100-80gb or a100-40gb [gpu-model-unknown]');
  const counted = await ionet("quote", "A100-40GB:4");
  expect(counted.stderr).toMatch(/says a count besides the GPU model[\s\S]*a100-40gb[\s\S]*-n 4/);
  const searched = await ionet("search", "A100-40GB:4", "--json");
  expect(JSON.parse(searched.stdout)).toMatchObject({ matching: { gpusFree: 5 }, shortage: null });
});

test("a mistake in a query is shown where it stands, also one that only the network finds; programs get JSON", async () => {
  const here = await ionet("search", "count=2 vram=>40");
  expect(here.stderr).toMatch(/^count=2 vram=>40\n {12}\^\^\n.*Did you mean >=\?/s);
  const there = await ionet("search", "count=2", "gpu=A10O");
  expect([there.code, there.stderr]).toEqual([
    1,
    expect.stringMatching(/^count=2 gpu=A10O\n {12}\^{4}\n.*\[gpu-model-unknown\].*Did you mean a100\?/s),
  ]);
  const json = await ionet("search", "count=2 gpu=A10O", "--json");
  expect({ ...json, stderr: JSON.parse(json.stderr) }).toMatchObject({
    code: 1,
    stdout: "",
    stderr: {
      code: "gpu-model-unknown",
      position: { offset: 12, length: 4 },
      closest: ["a100", "a10", "a10g"],
    },
  });
  const usage = await ionet("quote", "a100-40gb", "--country", "ZZ", "--json");
  expect([usage.code, JSON.parse(usage.stderr)]).toMatchObject([2, { field: "--country", given: "ZZ" }]);
});

test("compare and earnings: tables for people, JSON for programs, and refusals that name the nearest", async () => {
  const table = await ionet("compare", "--gpu", "a100", "--count", "50", "--days", "25");
  expect(table.code).toBe(0);
  expect(table.stdout).toMatch(/^ionet \(simulated GPUs\) \* .*on demand/m);
  expect(table.stdout).toMatch(/^a cloud \(2023\) .*\$4,000\.00 +\$100,000\.00 .*2023 old/m);
  const comparison = JSON.parse((await ionet("compare", "--gpu", "a100", "-n", "2", "--json")).stdout);
  expect(new Set(comparison.rows.map((row: { provider: string }) => row.provider)).size).toBeGreaterThan(8);
  expect(comparison.network).toMatchObject({ enough: true, simulated: true });
  const earned = await ionet(
    ..."earnings --gpu a100-40gb --country ID --price 0.40 --hired 0.6 --json".split(" "),
  );
  expect(JSON.parse(earned.stdout).mining).toMatchObject({ grossMicroUsd: "520000", basis: "published" });
  const model = await ionet("compare", "--gpu", "a1000");
  expect([model.code, model.stderr]).toEqual([1, expect.stringMatching(/gpu-model-unknown[\s\S]*a100/)]);
  const country = await ionet("earnings", "--gpu", "h100", "--country", "Germny", "--price", "1");
  expect([country.code, country.stderr]).toEqual([
    1,
    expect.stringMatching(/country-unknown[\s\S]*DE \(Germany\)/),
  ]);
  expect((await ionet("compare", "--gpu", "a100", "--days", "0")).code).toBe(2);
});

test("a wrong option: exit code 2, what was given and what is allowed", async () => {
  const { code, stderr } = await ionet("quote", "a100-40gb", "--country", "Germany");
  expect(code).toBe(2);
  expect(stderr).toContain("Given Germany; allowed are country codes");
});

test("rent with too little money, or with another network's Solana endpoint, books nothing: every GPU stays free", async () => {
  const { description, mint } = network;
  const thrifty = await openKey(description.stateFolder, "thrifty");
  await requestSol(description.rpcUrl, thrifty.address, 1);
  // An hour's price: the control plane would book ten hours for it.
  await requestTokens(description.rpcUrl, thrifty.address, mint, 1_000_000n);
  await pause(2_000);
  const client = (await signIn(createIonet({ url: description.url }), thrifty)).ionet;
  const seen: string[] = [];
  const onEvent = ({ event }: RentEvent) => seen.push(event);
  const tenHours = rent(client, thrifty, { ...ONE_GPU, durationSeconds: 36_000 }, { onEvent });
  await expect(tenHours).rejects.toMatchObject({
    code: "wallet-cannot-pay",
    input: { field: "deposit", given: "1.00 USDC" },
  });

  const { signer } = engineer;
  const other = await startChain({
    stateFolder: description.stateFolder,
    port: 0,
    upgradeAuthority: signer.address,
  });
  try {
    const elsewhere = rent(engineer.ionet, signer, ONE_GPU, { chain: other.chain, onEvent });
    await expect(elsewhere).rejects.toMatchObject({ code: "wrong-network", input: { field: "rpcUrl" } });
  } finally {
    await other.member.stop();
  }
  expect(seen).toEqual(["quoted", "quoted"]);
  const { items } = await client.searchOffers({ query: { gpuModel: ["a100-40gb"] } });
  expect(items.reduce((count, { gpusFree }) => count + gpusFree, 0)).toBe(5);
});

test("a quote whose GPU somebody else took books nothing", async () => {
  const all = { gpuModel: "a100-40gb", gpuCount: 5 };
  const mine = await engineer.ionet.createQuote({ body: all });
  const theirs = await rival.ionet.createQuote({ body: ONE_GPU });
  const taken = await rival.ionet.book({ body: { quoteId: theirs.id } });
  await expect(engineer.ionet.book({ body: { quoteId: mine.id } })).rejects.toMatchObject({
    code: "quote-taken",
  });
  const free = await engineer.ionet.searchOffers({ query: { gpuModel: ["a100-40gb"] } });
  expect(free.items.reduce((count, { gpusFree }) => count + gpusFree, 0)).toBe(5 - taken.leases.length);
});

test("a wallet with too little that books all the same: told what is there and what is needed, and nothing is sent", async () => {
  const { description, chain, mint } = network;
  const poor = await openKey(description.stateFolder, "poor");
  await requestSol(description.rpcUrl, poor.address, 1);
  const client = (await signIn(createIonet({ url: description.url }), poor)).ionet;
  const quote = await client.createQuote({ body: { ...ONE_GPU, durationSeconds: 36_000 } });
  const book = () => client.book({ body: { quoteId: quote.id } });
  await expect(book()).rejects.toMatchObject({ code: "wallet-cannot-pay" });

  // An hour's price is enough to book, not to fund ten hours.
  await requestTokens(description.rpcUrl, poor.address, mint, 1_000_000n);
  await pause(2_000);
  const reservation = await book();
  await expect(openEscrows(client, poor, reservation)).rejects.toMatchObject({
    code: "wallet-cannot-pay",
    input: { field: "deposit", given: "1.00 USDC", allowed: expect.stringContaining("at least") },
  });

  // The program itself refuses an escrow that is funded with less than its leases can cost.
  const {
    escrows: [escrow],
    leases,
  } = reservation;
  if (escrow === undefined) throw new Error("a reservation has an escrow");
  const instruction = await openEscrowInstruction({
    engineer: poor,
    id: escrow.number,
    mint,
    deposit: 1_000_000n,
    leases: leases.map((lease) => ({ ...lease, supplier: address(lease.supplier) })),
  });
  const sent = send(chain, { payer: poor, instructions: [instruction], commitment: "confirmed" });
  await expect(sent).rejects.toBeInstanceOf(ChainError);
  expect(await readEscrow(chain, address(escrow.address), "confirmed")).toBeNull();
});

test("a reservation is not funded on another Solana network, nor with another mint", async () => {
  const { ionet: client, signer } = engineer;
  const quote = await client.createQuote({ body: ONE_GPU });
  const reservation = await client.book({ body: { quoteId: quote.id } });
  const { stateFolder } = network.description;
  const other = await startChain({ stateFolder, port: 0, upgradeAuthority: signer.address });
  try {
    await expect(openEscrows(client, signer, reservation, { chain: other.chain })).rejects.toMatchObject({
      code: "wrong-network",
      input: { field: "rpcUrl", allowed: expect.stringContaining(network.description.genesisHash) },
    });
  } finally {
    await other.member.stop();
  }
  const escrows = reservation.escrows.map((escrow) => ({ ...escrow, mint: signer.address }));
  await expect(openEscrows(client, signer, { ...reservation, escrows })).rejects.toMatchObject({
    code: "wrong-network",
    input: { field: "mint" },
  });
});

test("terms that make no sense, and another's node: refused by name, and offers stay what they were", async () => {
  const { stateFolder, url } = network.description;
  const offers = async () =>
    (await engineer.ionet.searchOffers()).items.map((offer) => offer.priceMicroUsdPerGpuHour);
  const before = await offers();
  const signedIn = async (name: string) =>
    (await signIn(createIonet({ url }), await openKey(stateFolder, name))).ionet;
  const miner = await signedIn("fjord-miner");
  const nodeId = (await miner.listNodes()).items[0]?.id;
  if (nodeId === undefined) throw new Error("the miner has no node");
  const set = (...terms: string[]) => {
    const key = join(stateFolder, "keys", "fjord-miner.json");
    return ionetCommand(["--keypair", key, "agent", "terms", "set", "--node", nodeId, ...terms], {
      IONET_CONFIG: join(folder, "supplier.json"),
      IONET_URL: url,
    });
  };
  for (const [terms, words] of [
    [["--price", "0"], "above 0, at most"],
    [["--interruptible-price", "0.38"], "expected a price below"],
    [["--window", "weekends"], "DAYS FROM-TO ZONE"],
    [[], "terms-missing"],
  ] as const) {
    const { code, stderr } = await set(...terms);
    expect([code === 0, stderr]).toEqual([false, expect.stringContaining(words)]);
  }
  const other = await signedIn("texas-miner");
  const body = { priceMicroUsdPerGpuHour: microUsdPerGpuHour(1n) };
  await expect(other.changeTerms({ params: { nodeId }, body })).rejects.toMatchObject({ code: "not-found" });
  expect(await offers()).toEqual(before);
});

test("a sync that no node signed is refused", async () => {
  const answer = await fetch(`${network.description.url}/v1/sync`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: "{}",
  });
  expect(answer.status).toBe(401);
  expect(await answer.json()).toMatchObject({
    code: expect.stringMatching(/session-unknown|signature-invalid/),
  });
});

test("a second agent with the same key is told so and takes nothing over; one in the same folder does not start", async () => {
  const { stateFolder, url } = network.description;
  const own = join(stateFolder, "agents", "fjord-miner");
  const same = await startAgentIn({ logs: folder, state: own, url, name: "same-folder" });
  expect((await same.exited).code).toBe(1);
  expect(await same.logText()).toContain("agent-already-running");

  const copy = join(folder, "copy");
  await cp(own, copy, {
    recursive: true,
    filter: (path) => !path.endsWith(".lock") && !path.includes("leases"),
  });
  const second = await startAgentIn({ logs: folder, state: copy, url, name: "second" });
  try {
    for (let i = 0; i < 60 && !(await second.logText()).includes("node-already-connected"); i++)
      await pause(250);
    expect(await second.logText()).toContain("node-already-connected");
  } finally {
    await second.stop();
  }
  const first = await readFile(network.member("fjord-miner")?.log ?? "", "utf8");
  expect(first).toContain("the agent runs");
  expect(first).not.toContain("node-already-connected");
});

test("an unreachable control plane: the CLI says where it looked and what to do", async () => {
  const { code, stderr } = await ionet("--url", "http://127.0.0.1:9", "search");
  expect(code).toBe(1);
  expect(stderr).toContain("[unavailable]");
  expect(stderr).toContain("ionet network up");
});

test("ports taken: the port is named and nothing stays behind", async () => {
  const server = createServer();
  const port = await new Promise<number>((resolve) =>
    server.listen(0, "127.0.0.1", () => {
      const at = server.address();
      resolve(at !== null && typeof at === "object" ? at.port : 0);
    }),
  );
  const state = join(folder, "taken");
  const { code, stderr } = await ionet(
    "network",
    "up",
    "--state",
    state,
    "--rpc-port",
    String(port),
    "--port",
    "0",
  );
  server.close();
  expect(code).toBe(1);
  expect(stderr).toContain("[port-taken]");
  expect(stderr).toContain(String(port));
});

test("no Python: said plainly, with what to install", async () => {
  const { code, stderr } = await ionetCommand(["demo"], { PATH: folder, IONET_CACHE: join(folder, "cache") });
  expect(code).toBe(1);
  expect(stderr).toContain("[python-missing]");
  expect(stderr).toMatch(/next: +Install python/);
});

const CAN_MOUNT = spawnSync("unshare", ["-Urm", "mount", "-t", "tmpfs", "none", tmpdir()]).status === 0;
test.skipIf(!CAN_MOUNT)("no disk space: how much is needed and how to have it elsewhere", async () => {
  const small = join(folder, "small");
  const through = [
    "unshare",
    "-Urm",
    "sh",
    "-c",
    'mkdir -p "$0" && mount -t tmpfs -o size=8m none "$0" && exec "$@"',
    small,
  ];
  const { code, stderr } = await ionetCommand(["demo"], { IONET_CACHE: small }, through);
  expect(code).toBe(1);
  expect(stderr).toContain("[disk-full]");
  expect(stderr).toContain("IONET_CACHE");
});

test("a quote that expired books nothing", async () => {
  await pause(Math.max(0, Date.parse(early.expiresAt) - Date.now() + 500));
  await expect(engineer.ionet.book({ body: { quoteId: early.id } })).rejects.toMatchObject({
    code: "quote-expired",
  });
  expect((await engineer.ionet.listClusters()).items).toEqual([]);
});
