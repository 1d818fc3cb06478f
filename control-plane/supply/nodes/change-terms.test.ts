import { microUsdPerGpuHour, type NodeId, type TermsChange } from "@ionet/protocol";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { signInTestWallet } from "../../platform/accounts/testing/wallet.ts";
import type { Caller } from "../../platform/http/handlers.ts";
import { openTestContext, type TestContext } from "../../platform/testing/context.ts";
import { changeTerms, getNode, withdrawNode } from "./change-terms.ts";
import { enrolNode } from "./enrol-node.ts";
import { createEnrolmentToken } from "./enrolment-tokens.ts";
import { observeNode } from "./observe-node.ts";
import { enrolmentRequest, observationOf } from "./testing/node.ts";

let ctx: TestContext;
let supplier: Caller;
let nodeId: NodeId;
beforeAll(async () => {
  ctx = await openTestContext();
  ({ caller: supplier } = await signInTestWallet(ctx));
});
afterAll(() => ctx.close());
beforeEach(async () => {
  const bound = { supplierKind: "miner", uses: 1, expiresInSeconds: 3600 } as const;
  const { token } = await createEnrolmentToken(ctx, supplier, bound);
  ({ nodeId } = await enrolNode(ctx, enrolmentRequest(token)));
});

const price = (microUsd: bigint) => ({ priceMicroUsdPerGpuHour: microUsdPerGpuHour(microUsd) });
const hear = (of: Parameters<typeof observationOf>[0] = {}) => observeNode(ctx, nodeId, observationOf(of));
const change = (wanted: TermsChange) => changeTerms(ctx, supplier, nodeId, wanted);
const inForce = async () => (await getNode(ctx, supplier, nodeId)).terms;

test("what a supplier changes counts at once and the rest stays", async () => {
  await hear();
  const windows = [{ days: ["mon" as const], from: "08:00", to: "18:00", timeZone: "Asia/Jakarta" }];
  await change(price(300_000n));
  const changed = await change({ windows, minSeconds: 600 });
  expect(changed.terms).toMatchObject({ ...price(300_000n), country: "DE", windows, minSeconds: 600 });
  expect(await inForce()).toEqual(changed.terms);
});

test("an agent that repeats itself, or is started again, does not undo a change; one that says something new does", async () => {
  await hear();
  await change(price(300_000n));
  await hear();
  expect(await inForce()).toMatchObject(price(300_000n));

  const leaving = observationOf();
  await observeNode(ctx, nodeId, {
    ...leaving,
    terms: null,
    readiness: { ...leaving.readiness, leaving: true },
  });
  expect(await getNode(ctx, supplier, nodeId)).toMatchObject({
    state: "verifying",
    terms: price(300_000n),
  });
  await hear();
  expect(await getNode(ctx, supplier, nodeId)).toMatchObject({
    state: "available",
    terms: price(300_000n),
  });

  await hear({ price: 350_000n });
  expect(await inForce()).toMatchObject(price(350_000n));
  await observeNode(ctx, nodeId, { ...observationOf(), terms: null });
  expect(await inForce()).toBeNull();
});

test("a node is taken off the market and brought back, also one whose agent never named a price", async () => {
  await observeNode(ctx, nodeId, { ...observationOf(), terms: null });
  await expect(change(price(300_000n))).rejects.toMatchObject({
    code: "invalid-request",
    input: { field: "country" },
  });
  expect(await change({ ...price(300_000n), country: "ID" })).toMatchObject({ state: "available" });
  expect(await withdrawNode(ctx, supplier, nodeId)).toMatchObject({ state: "verifying", terms: null });
  await observeNode(ctx, nodeId, { ...observationOf(), terms: null });
  expect(await inForce()).toBeNull();
});

test("terms that do not fit what stays are refused, and nothing is changed", async () => {
  await hear();
  const before = await change({
    interruptiblePriceMicroUsdPerGpuHour: microUsdPerGpuHour(200_000n),
    maxSeconds: 7200,
  });
  for (const [wanted, field] of [
    [price(200_000n), "interruptiblePriceMicroUsdPerGpuHour"],
    [{ ...price(900_000n), minSeconds: 7201 }, "minSeconds"],
  ] as const) {
    await expect(change(wanted)).rejects.toMatchObject({ code: "invalid-request", input: { field } });
    expect(await inForce()).toEqual(before.terms);
  }
});

test("another's node is not there, whether it is or not", async () => {
  await hear();
  const { caller: stranger } = await signInTestWallet(ctx);
  for (const call of [
    () => changeTerms(ctx, stranger, nodeId, price(1n)),
    () => withdrawNode(ctx, stranger, nodeId),
    () => getNode(ctx, stranger, nodeId),
  ]) {
    await expect(call()).rejects.toMatchObject({ code: "not-found", input: { field: "nodeId" } });
  }
  expect(await inForce()).toMatchObject(price(400_000n));
});
