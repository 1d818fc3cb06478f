import { NATIVE_SOL } from "@ionet/chain";
import { type Answer, type Demand, demandSchema, microUsdPerSol, problem } from "@ionet/protocol";
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { signInTestWallet } from "../../platform/accounts/testing/wallet.ts";
import type { Caller } from "../../platform/http/handlers.ts";
import { openTestContext, type TestContext } from "../../platform/testing/context.ts";
import { observeNode } from "../../supply/nodes/observe-node.ts";
import { addTestNode, observationOf } from "../../supply/nodes/testing/node.ts";
import { book } from "./book.ts";
import { createQuote } from "./create-quote.ts";
import { getReservation } from "./get-reservation.ts";
import { HOLD_SECONDS, QUOTE_MS } from "./model.ts";
import { reconcileReservations } from "./reconcile.ts";
import { markFunded, markRefused, releaseLeaseGpus, reservationsAwaitingEscrows } from "./store.ts";
import { testPaymentTerms } from "./testing/payment-terms.ts";

const HOUR = 3_600_000;
const MINT = "So11111111111111111111111111111111111111112";
const SOL_PRICE = {
  microUsdPerSol: microUsdPerSol(142_370_000n),
  publishedAt: "2026-01-01T00:00:00.000Z",
  source: MINT,
  simulated: true,
};

let ctx: TestContext;
let caller: Caller;
let balance: bigint | null;
const terms = testPaymentTerms({ solPrice: async () => SOL_PRICE, walletBalance: async () => balance });

beforeAll(async () => {
  ctx = await openTestContext();
});
afterAll(() => ctx.close());
beforeEach(async () => {
  await sql`truncate released_leases`.execute(ctx.db);
  await sql`truncate accounts cascade`.execute(ctx.db);
  ({ caller } = await signInTestWallet(ctx));
  balance = 1_000_000_000n;
});

const quote = (wanted: z.input<typeof demandSchema>, by = caller) => {
  const demand: Demand = z.decode(demandSchema, wanted);
  return createQuote(ctx, terms, by, demand);
};
const one = { gpuModel: "a100-40gb", gpuCount: 1 };
const four = { gpuModel: "a100-40gb", gpuCount: 4, minSuppliers: 3 };
const freeGpus = async () => (await ctx.offers.free()).reduce((free, offer) => free + offer.gpusFree, 0);
const expectRefusal = async (call: Promise<unknown>, code: string, input: object = {}) => {
  await expect(call).rejects.toMatchObject({ code, input });
};
/** A market of four GPUs of three suppliers. */
async function addMarket() {
  return [
    await addTestNode(ctx, { gpus: 2, price: 380_000n, country: "NO" }),
    await addTestNode(ctx, { gpus: 1, price: 440_000n, country: "NL", kind: "storage-provider" }),
    await addTestNode(ctx, { gpus: 1, price: 620_000n, country: "DE", kind: "data-centre" }),
  ];
}

test("a quote names the cheapest offers, the deposit to the last unit, and what clouds ask", async () => {
  await addMarket();
  const answer = await quote({ ...four, gpuModel: "NVIDIA A100-SXM4-40GB", durationSeconds: 61 });
  expect(answer.leases.map((lease) => [lease.country, lease.gpus, lease.ratePerHour])).toEqual([
    ["NO", [0, 1], 760_000n],
    ["NL", [0], 440_000n],
    ["DE", [0], 620_000n],
  ]);
  // ⌈760,000 × 61 ÷ 3600⌉ + ⌈440,000 × 61 ÷ 3600⌉ + ⌈620,000 × 61 ÷ 3600⌉
  expect(answer.deposit).toBe(12_878n + 7_456n + 10_506n);
  expect(answer).toMatchObject({ ratePerHour: 1_820_000n, feeBps: 200, demand: { gpuModel: "a100-40gb" } });
  expect(answer.clouds[0]).toMatchObject({ provider: "AWS", priceMicroUsdPerGpuHour: 2_744_700n });
  expect(await freeGpus()).toBe(4);
});

test("an unknown model is refused with the nearest names", async () => {
  await expectRefusal(quote({ gpuModel: "a100-40bg", gpuCount: 1 }), "gpu-model-unknown", {
    field: "gpuModel",
    given: "a100-40bg",
    allowed: expect.stringContaining("a100-40gb"),
  });
});

test("too great a demand is told what is missing and the nearest that can be had", async () => {
  await addMarket();
  const next = (text: string) => ({ next: expect.stringContaining(text) });
  await expectRefusal(quote({ gpuModel: "a100-40gb", gpuCount: 6 }), "supply-insufficient", {
    detail: "asked: 6 × a100-40gb; free now: 4, from 3 suppliers",
    field: "gpuCount",
    allowed: "at most 4 now",
    ...next("gpuCount 4 (at most $0.62 per GPU-hour)"),
  });
  await expectRefusal(quote({ ...four, minSuppliers: 4 }), "supply-insufficient", {
    field: "minSuppliers",
    allowed: "at most 3 now",
    ...next("minSuppliers 3"),
  });
  const cheap = { maxPriceMicroUsdPerGpuHour: "440000" };
  await expectRefusal(
    quote({ ...four, ...cheap }),
    "supply-insufficient",
    next("maxPriceMicroUsdPerGpuHour 620000"),
  );
  await expectRefusal(
    quote({ ...four, countries: ["NO"] }),
    "supply-insufficient",
    next("countries NO, NL, DE"),
  );
  await expectRefusal(
    quote({ gpuModel: "h200", gpuCount: 1 }),
    "supply-insufficient",
    next("No h200 is free now"),
  );
  await expectRefusal(quote({ gpuModel: "a100-40gb", gpuCount: 2, minSuppliers: 3 }), "invalid-request", {
    field: "minSuppliers",
  });
});

test("booking holds every GPU of the quote, and only its engineer sees it", async () => {
  await addMarket();
  const { id, leases, deposit } = await quote({ ...four, durationSeconds: 3600 });
  const reservation = await book(ctx, terms, caller, id);
  expect(reservation).toMatchObject({ state: "held", leases, deposit });
  expect(reservation.escrows).toMatchObject([
    { mint: MINT, deposit, feeBps: 200, firstLease: 0, leaseCount: leases.length },
  ]);
  expect(Date.parse(reservation.expiresAt)).toBe(ctx.clock.now() + HOLD_SECONDS * 1000);
  expect(await freeGpus()).toBe(0);
  expect(await getReservation(ctx, caller, reservation.id)).toEqual(reservation);
  const { caller: stranger } = await signInTestWallet(ctx);
  await expectRefusal(getReservation(ctx, stranger, reservation.id), "not-found");
  await expectRefusal(book(ctx, terms, stranger, id), "not-found");
});

test("who has booked a quote and lost the answer gets the same reservation again, while it stands", async () => {
  await addMarket();
  const { id } = await quote(four);
  const first = await book(ctx, terms, caller, id);
  // The wallet shows no more than that hold needs, and the hold itself makes its GPUs taken.
  balance = 1_820_000n;
  expect(await book(ctx, terms, caller, id)).toEqual(first);
  ctx.clock.advance(QUOTE_MS);
  expect(await book(ctx, terms, caller, id)).toEqual(first);
  // Escrows of fewer leases are another plan than the one that is held.
  await expectRefusal(book(ctx, terms, caller, id, 2), "quote-taken");
  expect(await freeGpus()).toBe(0);

  await markFunded(ctx.db, first.id);
  expect(await book(ctx, terms, caller, id)).toEqual({ ...first, state: "funded" });
});

test("a reservation that came to nothing is not given again: its quote has been taken once", async () => {
  await addMarket();
  const { id } = await quote(one);
  const { id: reservationId } = await book(ctx, terms, caller, id);
  await markRefused(ctx.db, reservationId, "its escrow was wrong");
  await expectRefusal(book(ctx, terms, caller, id), "quote-taken");
});

test("of one quote that its engineer books many times at once there is one reservation", async () => {
  await addMarket();
  const { id } = await quote(four);
  const answers = await Promise.all(Array.from({ length: 8 }, () => book(ctx, terms, caller, id)));
  expect(new Set(answers.map((answer) => answer.id)).size).toBe(1);
  expect(await reservationsAwaitingEscrows(ctx)).toHaveLength(1);
});

test("an expired quote, a taken one and one whose node has gone hold nothing", async () => {
  const market = await addMarket();
  const late = await quote(four);
  ctx.clock.advance(QUOTE_MS);
  await expectRefusal(book(ctx, terms, caller, late.id), "quote-expired");

  const [first] = market;
  if (first !== undefined) await observeNode(ctx, first.nodeId, observationOf({ gpus: 2, price: 380_000n }));
  for (const { nodeId } of market.slice(1)) await observeNode(ctx, nodeId, observationOf());
  const all = await quote(four);
  const one = await quote({ gpuModel: "a100-40gb", gpuCount: 1 });
  await book(ctx, terms, caller, one.id);
  await expectRefusal(book(ctx, terms, caller, all.id), "quote-taken");
  expect(await freeGpus()).toBe(3);

  const gone = await quote({ gpuModel: "a100-40gb", gpuCount: 1 });
  if (first !== undefined)
    await observeNode(ctx, first.nodeId, { ...observationOf({ gpus: 2 }), terms: null });
  await expectRefusal(book(ctx, terms, caller, gone.id), "quote-taken");
});

test("of fifty who book the same last GPUs at once exactly one gets them, all of them", async () => {
  await addMarket();
  const rivals = await Promise.all(Array.from({ length: 50 }, () => signInTestWallet(ctx)));
  const quotes = await Promise.all(rivals.map((rival) => quote(four, rival.caller)));
  const outcomes = await Promise.allSettled(
    rivals.map((rival, i) => book(ctx, terms, rival.caller, (quotes[i] as Answer<"createQuote">).id)),
  );
  const won = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
  expect(won.map(({ leases }) => leases.flatMap(({ gpus }) => gpus).length)).toEqual([4]);
  const codes = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason.code] : []));
  expect(new Set(codes)).toEqual(new Set(["quote-taken"]));
  expect(await reservationsAwaitingEscrows(ctx)).toHaveLength(1);
});

test("bookings that overlap in part never deadlock, and never hold a part", async () => {
  await addMarket();
  const rivals = await Promise.all(Array.from({ length: 20 }, () => signInTestWallet(ctx)));
  const quotes = await Promise.all(
    rivals.map((rival, i) =>
      quote({ gpuModel: "a100-40gb", gpuCount: (i % 3) + 2, minSuppliers: (i % 2) + 1 }, rival.caller),
    ),
  );
  const outcomes = await Promise.allSettled(
    rivals.map((rival, i) => book(ctx, terms, rival.caller, (quotes[i] as Answer<"createQuote">).id)),
  );
  const won = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
  const held = won.flatMap(({ leases }) =>
    leases.flatMap(({ nodeId, gpus }) => gpus.map((gpu) => `${nodeId} ${gpu}`)),
  );
  expect(won.length).toBeGreaterThan(0);
  expect(new Set(held).size).toBe(held.length);
  expect(await freeGpus()).toBe(4 - held.length);
  for (const outcome of outcomes)
    if (outcome.status === "rejected") expect(outcome.reason.code).toBe("quote-taken");
});

test("a hold that is not funded in time ends, and its GPUs are free again", async () => {
  await addMarket();
  const { id } = await book(ctx, terms, caller, (await quote(four)).id);
  ctx.clock.advance(HOLD_SECONDS * 1000 - 1);
  await reconcileReservations(ctx);
  expect(await getReservation(ctx, caller, id)).toMatchObject({ state: "held" });
  ctx.clock.advance(1);
  await reconcileReservations(ctx);
  await reconcileReservations(ctx);
  expect(await getReservation(ctx, caller, id)).toMatchObject({
    state: "expired",
    reason: expect.any(String),
  });
  for (const supplier of await ctx.offers.free()) expect(supplier.gpusFree).toBe(supplier.gpusTotal);
});

test("two holds left to expire pause the wallet for ten minutes", async () => {
  const market = await addMarket();
  const awake = async () => {
    for (const { nodeId } of market) await observeNode(ctx, nodeId, observationOf());
  };
  for (let i = 0; i < 2; i++) {
    await awake();
    await book(ctx, terms, caller, (await quote({ gpuModel: "a100-40gb", gpuCount: 1 })).id);
    ctx.clock.advance(HOLD_SECONDS * 1000);
    await reconcileReservations(ctx);
  }
  await awake();
  const paused = await quote({ gpuModel: "a100-40gb", gpuCount: 1 });
  await expectRefusal(book(ctx, terms, caller, paused.id), "wallet-holds-paused", {
    next: expect.any(String),
  });
  const { caller: other } = await signInTestWallet(ctx);
  await book(ctx, terms, other, (await quote({ gpuModel: "a100-40gb", gpuCount: 1 }, other)).id);
  ctx.clock.advance(600_000);
  await awake();
  await book(ctx, terms, caller, (await quote({ gpuModel: "a100-40gb", gpuCount: 1 })).id);
});

test("a wallet must show an hour's price of all that it holds", async () => {
  await addMarket();
  const one = await quote({ gpuModel: "a100-40gb", gpuCount: 1, durationSeconds: 60 });
  const two = await quote({ gpuModel: "a100-40gb", gpuCount: 2, countries: ["NL", "DE"] });
  for (const less of [null, 379_999n]) {
    balance = less;
    await expectRefusal(book(ctx, terms, caller, one.id), "wallet-cannot-pay", {
      allowed: "at least 0.38 USDC; the escrow will need 0.006334",
    });
  }
  balance = 380_000n;
  await book(ctx, terms, caller, one.id);
  balance = 380_000n + 1_060_000n - 1n;
  await expectRefusal(book(ctx, terms, caller, two.id), "wallet-cannot-pay");
  balance += 1n;
  await book(ctx, terms, caller, two.id);
});

test("in SOL the rates are lamports at the oracle's price, rounded up, and the reservation keeps the quote's", async () => {
  await addMarket();
  const answer = await quote({ ...four, durationSeconds: 61, currency: "SOL" });
  // ⌈760,000 × 10⁹ ÷ 142,370,000⌉ and so on; the dollar prices stay beside them.
  expect(answer.leases.map((lease) => [lease.priceMicroUsdPerGpuHour, lease.ratePerHour])).toEqual([
    [380_000n, 5_338_204n],
    [440_000n, 3_090_539n],
    [620_000n, 4_354_851n],
  ]);
  expect(answer).toMatchObject({ feeBps: 150, deposit: 90_453n + 52_368n + 73_791n, solPrice: SOL_PRICE });
  terms.solPrice = async () => ({ ...SOL_PRICE, microUsdPerSol: microUsdPerSol(1_000_000n) });
  const reservation = await book(ctx, terms, caller, answer.id);
  terms.solPrice = async () => SOL_PRICE;
  expect(reservation).toMatchObject({
    leases: answer.leases,
    deposit: answer.deposit,
    escrows: [{ mint: NATIVE_SOL, deposit: answer.deposit, feeBps: 150 }],
  });
});

test("an hour's price in SOL is asked of the wallet's lamports, and told in SOL", async () => {
  await addMarket();
  const { id } = await quote({ ...one, currency: "SOL" });
  balance = 2_669_101n;
  await expectRefusal(book(ctx, terms, caller, id), "wallet-cannot-pay", {
    given: expect.stringContaining("0.002669101 SOL"),
    allowed: "at least 0.002669102 SOL; the escrow will need 0.002669102",
  });
  balance = 2_669_102n;
  await book(ctx, terms, caller, id);
  // What is held in SOL takes nothing from what can be paid in USDC.
  balance = 440_000n;
  await book(ctx, terms, caller, (await quote({ ...one, countries: ["NL"] })).id);
});

test("a demand in SOL beyond the time its price holds is refused with the limit", async () => {
  await addMarket();
  await quote({ ...one, currency: "SOL", durationSeconds: 86_400 });
  await expectRefusal(quote({ ...one, currency: "SOL", durationSeconds: 86_401 }), "invalid-request", {
    field: "durationSeconds",
    given: "86401",
    allowed: "at most 86400 in SOL",
  });
  await quote({ ...one, durationSeconds: 86_401 });
});

test("a network without a price of SOL says that it takes none", async () => {
  await addMarket();
  const { SOL: _, ...currencies } = terms.currencies;
  const demand = z.decode(demandSchema, { ...one, currency: "SOL" });
  await expectRefusal(createQuote(ctx, { ...terms, currencies }, caller, demand), "currency-not-offered", {
    field: "currency",
    given: "SOL",
    allowed: "USDC",
  });
});

test("while the price of SOL can't be trusted nothing is quoted in it", async () => {
  await addMarket();
  const solPrice = () => Promise.reject(problem("price-unavailable", { detail: "too-old", next: "again" }));
  const demand = z.decode(demandSchema, { ...one, currency: "SOL" });
  await expectRefusal(createQuote(ctx, { ...terms, solPrice }, caller, demand), "price-unavailable");
  await createQuote(ctx, { ...terms, solPrice }, caller, z.decode(demandSchema, one));
});

test("bookings of one wallet at once hold no more than it can pay", async () => {
  await addMarket();
  const quotes = await Promise.all(
    ["NO", "NL", "DE"].map((country) => quote({ ...one, countries: [country] })),
  );
  balance = 620_000n;
  const outcomes = await Promise.allSettled(quotes.map(({ id }) => book(ctx, terms, caller, id)));
  const codes = outcomes.map((outcome) => (outcome.status === "rejected" ? outcome.reason.code : "held"));
  expect(codes.toSorted()).toEqual(["held", "wallet-cannot-pay", "wallet-cannot-pay"]);
  expect(await freeGpus()).toBe(3);
});

test("two refused escrows pause the wallet as two expired holds do", async () => {
  await addMarket();
  for (let i = 0; i < 2; i++) {
    const { id } = await book(ctx, terms, caller, (await quote(one)).id);
    await ctx.db.transaction().execute((db) => markRefused(db, id, "wrong-deposit"));
  }
  await expectRefusal(book(ctx, terms, caller, (await quote(one)).id), "wallet-holds-paused", {
    detail: expect.stringContaining("their escrows were refused"),
  });
});

test("when the chain does not answer, nothing is booked", async () => {
  await addMarket();
  const unreachable = {
    ...terms,
    walletBalance: () => Promise.reject(problem("chain-unavailable", { detail: "no answer", next: "again" })),
  };
  const { id } = await quote(four);
  await expectRefusal(book(ctx, unreachable, caller, id), "chain-unavailable");
  expect(await freeGpus()).toBe(4);
  await book(ctx, terms, caller, id);
});

test("funded in time it stays held; an ended lease frees its own GPUs alone", async () => {
  await addMarket();
  const { id, leases } = await book(ctx, terms, caller, (await quote(four)).id);
  expect([await markFunded(ctx.db, id), await markFunded(ctx.db, id)]).toEqual([true, false]);
  ctx.clock.advance(HOLD_SECONDS * 1000);
  await reconcileReservations(ctx);
  expect(await getReservation(ctx, caller, id)).toMatchObject({ state: "funded", reason: null });
  expect(await markRefused(ctx.db, id, "late")).toBe(false);
  expect(await reservationsAwaitingEscrows(ctx)).toEqual([]);
  const [first] = leases;
  if (first !== undefined) await releaseLeaseGpus(ctx.db, first.leaseId);
  const { rows } = await heldLeases();
  expect(rows.map((row) => row.lease_id).sort()).toEqual(
    leases
      .slice(1)
      .map((lease) => lease.leaseId)
      .sort(),
  );
});

test("a refused escrow frees a held reservation, and marks an expired one without changing its state", async () => {
  await addMarket();
  const held = await book(ctx, terms, caller, (await quote(four)).id);
  expect(await markRefused(ctx.db, held.id, "wrong-mint")).toBe(true);
  expect(await getReservation(ctx, caller, held.id)).toMatchObject({
    state: "released",
    reason: "wrong-mint",
  });
  expect(await freeGpus()).toBe(4);

  const late = await book(ctx, terms, caller, (await quote(four)).id);
  ctx.clock.advance(HOLD_SECONDS * 1000);
  await reconcileReservations(ctx);
  expect(await markFunded(ctx.db, late.id)).toBe(false);
  expect((await reservationsAwaitingEscrows(ctx)).map(({ id }) => id)).toEqual([late.id]);
  expect([await markRefused(ctx.db, late.id, "too-late"), await markRefused(ctx.db, late.id, "x")]).toEqual([
    true,
    false,
  ]);
  expect(await getReservation(ctx, caller, late.id)).toMatchObject({ state: "expired", reason: "too-late" });
});

test("a late escrow is looked for during a day", async () => {
  await addMarket();
  await book(ctx, terms, caller, (await quote(four)).id);
  ctx.clock.advance(24 * HOUR);
  await reconcileReservations(ctx);
  expect(await reservationsAwaitingEscrows(ctx)).toHaveLength(1);
  ctx.clock.advance(HOLD_SECONDS * 1000);
  expect(await reservationsAwaitingEscrows(ctx)).toHaveLength(0);
});

const heldLeases = async () => {
  const tables = ctx.db.withTables<{ gpu_holds: { lease_id: string; released: boolean } }>();
  return {
    rows: await tables.selectFrom("gpu_holds").select("lease_id").where("released", "=", false).execute(),
  };
};
