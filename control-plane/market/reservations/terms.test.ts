import { demandSchema, microUsdPerGpuHour, type Terms, type Window } from "@ionet/protocol";
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
import { testPaymentTerms } from "./testing/payment-terms.ts";

let ctx: TestContext;
let caller: Caller;
const terms = testPaymentTerms();
beforeAll(async () => {
  ctx = await openTestContext();
});
afterAll(() => ctx.close());
beforeEach(async () => {
  await sql`truncate accounts cascade`.execute(ctx.db);
  ({ caller } = await signInTestWallet(ctx));
});

const quote = (durationSeconds: number, interruptible?: boolean) =>
  createQuote(
    ctx,
    terms,
    caller,
    z.decode(demandSchema, { gpuModel: "a100-40gb", gpuCount: 1, durationSeconds, interruptible }),
  );

/** Thursday: the day on which a test's clock stands. */
const untilNoon: Window = { days: ["thu"], from: "00:00", to: "12:00", timeZone: "UTC" };
const HOUR = 3600;

test.each<[string, Partial<Terms>, number, boolean]>([
  ["its shortest duration", { minSeconds: 2 * HOUR }, 2 * HOUR, true],
  ["less than its shortest", { minSeconds: 2 * HOUR }, HOUR, false],
  ["its longest duration", { maxSeconds: HOUR }, HOUR, true],
  ["more than its longest", { maxSeconds: HOUR }, HOUR + 1, false],
  ["what ends within its window", { windows: [untilNoon] }, 11 * HOUR, true],
  ["what would outlast its window", { windows: [untilNoon] }, 12 * HOUR, false],
])("a node is quoted or not: %s", async (_what, own, durationSeconds, offered) => {
  await addTestNode(ctx, { terms: own });
  if (offered) expect((await quote(durationSeconds)).leases).toHaveLength(1);
  else {
    await expect(quote(durationSeconds)).rejects.toMatchObject({
      code: "supply-insufficient",
      input: { detail: expect.stringContaining(`1 more can't be hired for ${durationSeconds} s`) },
    });
  }
});

test("what is quoted and booked keeps its terms, whatever the supplier asks from then on", async () => {
  const { nodeId } = await addTestNode(ctx, { price: 400_000n });
  const quoted = await quote(HOUR);
  expect(quoted.leases[0]?.latestSeconds).toBe(30 * 24 * HOUR);
  const ask = (price: bigint) =>
    observeNode(ctx, nodeId, observationOf({ price, terms: { windows: [untilNoon], maxSeconds: 600 } }));
  await ask(500_000n);
  const reservation = await book(ctx, terms, caller, quoted.id);
  await ask(900_000n);
  const kept = { priceMicroUsdPerGpuHour: microUsdPerGpuHour(400_000n), maxSeconds: HOUR };
  expect(quoted.leases).toMatchObject([kept]);
  expect(reservation.leases).toEqual(quoted.leases);
  expect((await getReservation(ctx, caller, reservation.id)).leases).toEqual(quoted.leases);
});

test("who takes an interruption into account pays the lower price, where there is one, and the lease says so", async () => {
  await addTestNode(ctx, { price: 300_000n });
  const low = microUsdPerGpuHour(200_000n);
  const { nodeId } = await addTestNode(ctx, {
    price: 500_000n,
    terms: { interruptiblePriceMicroUsdPerGpuHour: low },
  });
  const { leases } = await quote(HOUR, true);
  expect(leases).toMatchObject([
    { nodeId, priceMicroUsdPerGpuHour: low, ratePerHour: 200_000n, interruptible: true },
  ]);
  const [full] = (await quote(HOUR)).leases;
  expect([full?.priceMicroUsdPerGpuHour, full?.interruptible]).toEqual([300_000n, undefined]);
});

test("a quote keeps the longest that top-ups may make it: the longest lease and the window's end, at quoting", async () => {
  await addTestNode(ctx, { terms: { maxSeconds: 3 * HOUR } });
  expect((await quote(HOUR)).leases).toMatchObject([{ maxSeconds: HOUR, latestSeconds: 3 * HOUR }]);
  await sql`truncate nodes cascade`.execute(ctx.db);
  await addTestNode(ctx, { terms: { windows: [untilNoon] } });
  const noonMs = (Math.floor(ctx.clock.now() / (24 * HOUR * 1000)) * 24 + 12) * HOUR * 1000;
  const latestSeconds = Math.floor((noonMs - ctx.clock.now()) / 1000) - 300;
  expect((await quote(HOUR)).leases).toMatchObject([{ latestSeconds }]);
});
