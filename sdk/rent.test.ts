import { createServer, type Server } from "node:http";
import { ESCROW_PROGRAM, NATIVE_SOL } from "@ionet/chain";
import {
  baseUnits,
  type Currency,
  currencyDecimals,
  endpoints,
  leaseBudget,
  makeId,
  type Quote,
  quoteSchema,
  type Reservation,
  ratePerHour,
  reservationSchema,
  sum,
} from "@ionet/protocol";
import { generateKeyPairSigner } from "@solana/kit";
import { afterEach, beforeAll, describe, expect, it, test } from "vitest";
import { requireApprovedCurrency } from "./approved-terms.ts";
import { createIonet } from "./client.ts";
import { openEscrows } from "./open-escrows.ts";
import { rent } from "./rent.ts";

const mint = "So11111111111111111111111111111111111111112";
const supplier = "SysvarC1ock11111111111111111111111111111111";
const other = "SysvarRent111111111111111111111111111111111";
const id = (prefix: string, last: number) => `${prefix}_0000000000000000000${last}`;
let quote: Quote;
let reservation: Reservation;

beforeAll(() => {
  const lease = (at: number) => ({
    leaseId: id("lea", at),
    nodeId: id("nod", at + 1),
    supplier,
    supplierKind: "miner" as const,
    country: "DE",
    gpuModel: "a100-40gb",
    gpus: [0],
    simulated: true,
    priceMicroUsdPerGpuHour: "380000",
    ratePerHour: "380000",
    maxSeconds: 100,
  });
  const leases = [lease(0), lease(1)];
  // ⌈380,000 × 100 ÷ 3600⌉ twice.
  const deposit = "21112";
  quote = quoteSchema.decode({
    id: id("quo", 0),
    demand: { gpuModel: "a100-40gb", gpuCount: 2, durationSeconds: 100, currency: "USDC", minSuppliers: 1 },
    leases,
    feeBps: 200,
    deposit,
    ratePerHour: "760000",
    clouds: [],
    solPrice: null,
    expiresAt: "2026-01-01T00:00:00.000Z",
  });
  reservation = reservationSchema.decode({
    id: id("res", 0),
    quoteId: quote.id,
    clusterId: id("clu", 0),
    state: "held",
    reason: null,
    leases,
    escrows: [{ address: supplier, number: "1", mint, deposit, feeBps: 200, firstLease: 0, leaseCount: 2 }],
    deposit,
    expiresAt: "2026-01-01T00:01:30.000Z",
  });
});

let server: Server | undefined;
afterEach(() => new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve())));

const GENESIS = "4uhcVJyU9pJkvQyS88uRDiswHXSCkY3zQawwpjk2NsNY";

type World = {
  genesis?: string;
  taken?: string;
  symbol?: Currency;
  program?: string;
  balance?: bigint;
  /** Of the wallet itself. */
  lamports?: bigint;
  quoted?: Quote;
};

/** Rent exemption as mainnet has it: 6,960 lamports a byte, and 128 bytes for every account. */
const rentOf = (bytes: number) => BigInt(128 + bytes) * 6_960n;
const RENT_OF_NOTHING = rentOf(0);
const RENT_OF_480_BYTES = rentOf(480);

/**
 * A control plane that quotes one thing and books another, with the Solana endpoint that it names: `taken` is the
 * network's mint, `balance` the engineer's. What they were asked is kept in order.
 */
async function quotingAndBooking(booked: Reservation, world: World = {}) {
  const asked: string[] = [];
  const started = createServer(async (request, response) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const path = request.url ?? "";
    const call = path === "/rpc" ? JSON.parse(Buffer.concat(chunks).toString()) : null;
    asked.push(call?.method ?? path);
    const network = {
      version: "1",
      chain: { genesisHash: GENESIS, rpcUrl: `${url}/rpc`, wsUrl: "ws://127.0.0.1:9" },
      escrowProgram: world.program ?? ESCROW_PROGRAM,
      treasury: supplier,
      currencies: [
        {
          symbol: world.symbol ?? "USDC",
          mint: world.taken ?? mint,
          decimals: currencyDecimals[world.symbol ?? "USDC"],
          feeBps: 200,
          price: null,
        },
      ],
      rayVersion: "2",
      holdSeconds: 90,
      minimumSeconds: 60,
    };
    const results = new Map<string, unknown>([
      [endpoints.createQuote.path, quoteSchema.encode(world.quoted ?? quote)],
      [endpoints.getNetwork.path, network],
      [endpoints.book.path, reservationSchema.encode(booked)],
      ["getGenesisHash", world.genesis ?? GENESIS],
      ["getBalance", { context: { slot: 1 }, value: Number(world.lamports ?? 0n) }],
      ["getMinimumBalanceForRentExemption", Number(rentOf(Number(call?.params?.[0]) || 0))],
      ["getAccountInfo", { context: { slot: 1 }, value: tokenAccount(world.balance ?? 21_112n) }],
    ]);
    const result = results.get(call?.method ?? path);
    response.writeHead(result === undefined ? 404 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(call ? { jsonrpc: "2.0", id: call.id, result } : result));
  });
  server = started;
  await new Promise<void>((resolve) => started.listen(0, "127.0.0.1", resolve));
  const address = started.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const url = `http://127.0.0.1:${address.port}`;
  return { ionet: createIonet({ url }), asked };
}

/** An SPL token account as an RPC node gives it: 165 bytes, the amount at 64, "initialized" at 108. */
function tokenAccount(amount: bigint) {
  const bytes = Buffer.alloc(165);
  bytes.writeBigUInt64LE(amount, 64);
  bytes.writeUInt8(1, 108);
  const owner = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA";
  return {
    data: [bytes.toString("base64"), "base64"],
    executable: false,
    lamports: 1,
    owner,
    rentEpoch: 0,
    space: 165,
  };
}

/** The reservation's one escrow, changed as asked. */
const escrowsWith = (change: Partial<Reservation["escrows"][number]>) =>
  reservation.escrows.map((escrow) => ({ ...escrow, ...change }));

/** An escrow of the first lease alone, with the deposit that goes with it. */
const escrowsOfFirst = () => escrowsWith({ leaseCount: 1, deposit: baseUnits(10_556n) });

/** The same reservation with its first lease changed, and the deposit that goes with it. */
function withLease(change: Partial<Reservation["leases"][number]>): Reservation {
  const leases = reservation.leases.map((lease, at) => (at === 0 ? { ...lease, ...change } : lease));
  const deposit = sum(leases.map((lease) => leaseBudget(lease.ratePerHour, lease.maxSeconds)));
  return { ...reservation, leases, deposit, escrows: escrowsWith({ deposit }) };
}

describe("before anything is signed, a reservation is refused that differs from the approved quote in", () => {
  it.each<[string, string, () => Reservation]>([
    ["a lease's rate", "deposit", () => withLease({ ratePerHour: ratePerHour(380_000_000n) })],
    ["a lease's time", "deposit", () => withLease({ maxSeconds: 1_000 })],
    ["a supplier", "leases.0.supplier", () => withLease({ supplier: other })],
    ["a node", "leases.0.nodeId", () => withLease({ nodeId: makeId("node", new Uint8Array(20)) })],
    ["a lease's GPUs", "leases.0.gpus", () => withLease({ gpus: [] })],
    [
      "rates that add up alike",
      "leases.0.ratePerHour",
      () => withLease({ ratePerHour: ratePerHour(190_000n), maxSeconds: 200 }),
    ],
    ["the fee", "escrows.0.feeBps", () => ({ ...reservation, escrows: escrowsWith({ feeBps: 300 }) })],
    ["a lease that no escrow pays", "escrows", () => ({ ...reservation, escrows: escrowsOfFirst() })],
    [
      "a lease that two escrows pay",
      "escrows.1.firstLease",
      () => ({ ...reservation, escrows: escrowsWith({}).concat(escrowsOfFirst()) }),
    ],
    [
      "the quote it is of",
      "quoteId",
      () => ({
        ...reservation,
        quoteId: quoteSchema.decode({ ...quoteSchema.encode(quote), id: id("quo", 1) }).id,
      }),
    ],
  ])("%s", async (_what, field, booked) => {
    const { ionet, asked } = await quotingAndBooking(booked());
    const rented = rent(ionet, await generateKeyPairSigner(), { gpuModel: "a100-40gb", gpuCount: 2 });
    await expect(rented).rejects.toMatchObject({ code: "forbidden", input: { field } });
    expect(asked.at(-1)).toBe(endpoints.book.path);
  });
});

test("a reservation as it was quoted goes on to the network's own checks", async () => {
  const { ionet, asked } = await quotingAndBooking(reservation);
  const rented = rent(ionet, await generateKeyPairSigner(), { gpuModel: "a100-40gb", gpuCount: 2 });
  await expect(rented).rejects.not.toMatchObject({ code: "forbidden" });
  expect(asked.slice(asked.indexOf(endpoints.book.path) + 1)).toEqual([
    endpoints.getNetwork.path,
    "getGenesisHash",
  ]);
});

describe("nothing is booked", () => {
  it.each<[string, World, { code: string; input: object }]>([
    ["on another Solana network", { genesis: other }, { code: "wrong-network", input: { field: "rpcUrl" } }],
    [
      "that is paid through another program",
      { program: other },
      { code: "wrong-network", input: { field: "escrowProgram" } },
    ],
    [
      "that the wallet can't pay",
      { balance: 21_111n },
      { code: "wallet-cannot-pay", input: { field: "deposit" } },
    ],
  ])("%s", async (_what, world, refusal) => {
    const { ionet, asked } = await quotingAndBooking(reservation, world);
    const rented = rent(ionet, await generateKeyPairSigner(), { gpuModel: "a100-40gb", gpuCount: 2 });
    await expect(rented).rejects.toMatchObject(refusal);
    expect(asked).toContain(endpoints.createQuote.path);
    expect(asked).not.toContain(endpoints.book.path);
  });
});

test("a reservation in a token that the network does not take is not funded", async () => {
  const { ionet } = await quotingAndBooking(reservation, { taken: other });
  await expect(openEscrows(ionet, await generateKeyPairSigner(), reservation)).rejects.toMatchObject({
    code: "wrong-network",
    input: { field: "mint", given: mint },
  });
});

test("a deposit larger than its leases can cost is refused, with a quote and without", async () => {
  const { ionet } = await quotingAndBooking(reservation);
  const escrows = escrowsWith({ deposit: baseUnits(21_113n) });
  const opened = openEscrows(ionet, await generateKeyPairSigner(), { ...reservation, escrows });
  await expect(opened).rejects.toMatchObject({
    code: "forbidden",
    input: {
      field: "escrows.0.deposit",
      given: "21113 base units",
      allowed: expect.stringContaining("21112"),
    },
  });
});

test("an escrow in another token than the quoted currency's is refused", async () => {
  const network = {
    version: "1",
    chain: { genesisHash: "g", rpcUrl: "http://127.0.0.1", wsUrl: "ws://127.0.0.1" },
    escrowProgram: supplier,
    treasury: supplier,
    currencies: [{ symbol: "USDC" as const, mint: other, decimals: 6, feeBps: 200, price: null }],
    rayVersion: "2",
    holdSeconds: 90,
    minimumSeconds: 60,
  };
  expect(() => requireApprovedCurrency(quote, reservation, network)).toThrow(
    expect.objectContaining({ code: "forbidden" }),
  );
});

describe("in SOL a wallet needs besides the deposit the rent, which returns, the fee, and what it must keep", () => {
  // The deposit of 21,112 lamports; rent of 288 + 2 × 96 bytes; a fee; 890,880 that no wallet may fall below.
  const needed = 21_112n + RENT_OF_480_BYTES + 5_000n + RENT_OF_NOTHING;

  it.each<[string, bigint, boolean]>([
    ["one lamport less books nothing", needed - 1n, false],
    ["exactly that goes on to the booking", needed, true],
  ])("%s", async (_what, lamports, booked) => {
    const inSol = { ...quote, demand: { ...quote.demand, currency: "SOL" as const } };
    const world = { taken: NATIVE_SOL, symbol: "SOL" as const, lamports, quoted: inSol };
    const { ionet, asked } = await quotingAndBooking(reservation, world);
    const rented = rent(ionet, await generateKeyPairSigner(), { gpuModel: "a100-40gb", gpuCount: 2 });
    if (booked) await expect(rented).rejects.not.toMatchObject({ code: "wallet-cannot-pay" });
    else {
      await expect(rented).rejects.toMatchObject({
        code: "wallet-cannot-pay",
        input: {
          field: "deposit",
          detail: expect.stringContaining("0.00423168 SOL rent, which returns"),
          allowed: expect.stringContaining("at least 0.005148672 SOL"),
        },
      });
    }
    expect(asked.includes(endpoints.book.path)).toBe(booked);
  });
});
