import { readEscrow, send, topUpCost, topUpInstruction } from "@ionet/chain";
import { type ClusterId, payout } from "@ionet/protocol";
import { address } from "@solana/kit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { desiredLeases } from "../../clusters/desired-leases.ts";
import { reconcileClusters } from "../../clusters/reconcile.ts";
import { eventsOf, findCluster } from "../../clusters/store.ts";
import { statementChain, word } from "../../escrows/testing/market.ts";
import { observeStatements } from "../../metering/observe-statements.ts";
import { reconcileMetering } from "../../metering/reconcile.ts";
import { reconcileSettlement } from "../reconcile.ts";
import { EARNED, openTestRental, type Rented, type TestRental } from "../testing/rental.ts";

const FIRST_BUDGET = 600;
const MORE_SECONDS = 600;
/** Beyond the first budget, within the second. */
const DELIVERED_SECONDS = 800;

let rental: TestRental;
beforeAll(async () => {
  rental = await openTestRental();
});
afterAll(() => rental?.close());

/** Whoever pays it: the chain does not ask, and nobody tells the control plane. */
async function topUp(rented: Rented): Promise<bigint> {
  const { chain, engineer } = rental.net;
  const { address: at } = await rental.escrowOf(rented);
  const escrow = await readEscrow(chain, address(at), "confirmed");
  if (escrow === null) throw new Error("the escrow is open");
  const amount = topUpCost({ escrow, seconds: MORE_SECONDS });
  const instruction = await topUpInstruction({ payer: engineer, escrow, amount, seconds: MORE_SECONDS });
  await send(chain, { payer: engineer, instructions: [instruction], commitment: "finalized" });
  return amount;
}

const leasesOf = async (clusterId: ClusterId) => (await findCluster(rental.ctx, clusterId))?.leases ?? [];
const toppedUp = async (clusterId: ClusterId) =>
  (await eventsOf(rental.ctx, clusterId)).filter(({ event }) => event === "topped-up");

/** The agents' statements from the first on, as they would stand after this many seconds. */
async function deliver(rented: Rented, startMs: number, seconds: number): Promise<void> {
  const { market, ctx } = rental;
  for (const [index, node] of rented.nodes.entries()) {
    const lease = rented.leases[index];
    if (lease === undefined) throw new Error("a node a lease");
    const says = statementChain(node, lease);
    const peersAlive = index === 0 ? { peersAlive: rented.leases.map(({ leaseId }) => leaseId) } : {};
    const statements = Array.from({ length: seconds / 10 + 1 }, (_, at) =>
      says(startMs + at * 10_000, peersAlive),
    );
    await market.hear(node);
    await observeStatements(ctx, node.id, [word(lease.leaseId, "joined", { statements })]);
  }
}

test("a topped-up cluster outlives its first budget: agents are told, seconds beyond it are metered and paid", async () => {
  const { market, net, ctx } = rental;
  const rented = await rental.rentOne();
  const startMs = market.clock.now() - 100_000;
  const before = await rental.balances(rented);
  const amount = await topUp(rented);
  // Nothing here knew of it: the chain is looked at, now or after a restart.
  await reconcileSettlement(ctx);
  expect((await leasesOf(rented.clusterId)).map(({ maxSeconds }) => maxSeconds)).toEqual([1200, 1200, 1200]);
  const [wanted] = await desiredLeases(ctx, rented.nodes[1]?.id ?? market.id("node"));
  expect(wanted?.maxSeconds).toBe(FIRST_BUDGET + MORE_SECONDS);
  expect(await rental.settlement(rented)).toMatchObject({ deposited: rented.deposit + amount });
  await reconcileSettlement(ctx);
  expect(await toppedUp(rented.clusterId)).toMatchObject([{ detail: "3 leases by 600 s" }]);

  await net.advance(DELIVERED_SECONDS);
  market.clock.advance((DELIVERED_SECONDS - 100) * 1000);
  await deliver(rented, startMs, DELIVERED_SECONDS);
  await reconcileClusters(ctx);
  expect((await leasesOf(rented.clusterId)).map(({ stopAskedAtMs }) => stopAskedAtMs)).toEqual([
    null,
    null,
    null,
  ]);
  // Less than a quarter of an hour is left of the longer budget: said once.
  await reconcileClusters(ctx);
  const warnings = (await eventsOf(ctx, rented.clusterId)).filter(({ event }) => event === "time-short");
  expect(warnings).toMatchObject([{ detail: expect.stringContaining(`ionet topup ${rented.clusterId}`) }]);
  await reconcileMetering(ctx);
  await rental.end(rented);
  await rental.untilSettled(rented);

  const earned = rented.leases.map(({ ratePerHour }) => payout(ratePerHour, DELIVERED_SECONDS, 200));
  const settled = await rental.settlement(rented);
  expect(settled.payouts.map(({ seconds, paid }) => [seconds, paid])).toEqual(
    earned.map(({ net: paid }) => [DELIVERED_SECONDS, paid]),
  );
  const gross = earned.reduce((sum, each) => sum + each.gross, 0n);
  expect(settled).toMatchObject({
    deposited: rented.deposit + amount,
    refunded: rented.deposit + amount - gross,
  });
  const after = await rental.balances(rented);
  expect(after.engineer - before.engineer).toBe(rented.deposit - gross);
  expect(after.miner - before.miner).toBe(earned[2]?.net);
});

test.each([false, true])(
  "no lease outlasts its supplier's terms, whatever was paid; the rest returns (interruptible: %s)",
  async (interruptible) => {
    const { market, net, ctx } = rental;
    const rented = await rental.rentOne({ latestSeconds: 700, interruptible });
    const startMs = market.clock.now() - 100_000;
    const amount = await topUp(rented);
    await reconcileSettlement(ctx);
    expect((await leasesOf(rented.clusterId)).map(({ maxSeconds }) => maxSeconds)).toEqual([700, 700, 700]);
    expect(await toppedUp(rented.clusterId)).toMatchObject([{ detail: "3 leases by 100 s" }]);
    expect(await rental.settlement(rented)).toMatchObject({ deposited: rented.deposit + amount });
    await reconcileSettlement(ctx);
    const events = await eventsOf(ctx, rented.clusterId);
    expect(events.filter(({ event }) => event === "topped-up-beyond-terms")).toMatchObject([
      { detail: expect.stringContaining("3 leases were paid for 500 s beyond what their suppliers offer") },
    ]);

    await net.advance(DELIVERED_SECONDS);
    market.clock.advance((DELIVERED_SECONDS - 100) * 1000);
    await deliver(rented, startMs, DELIVERED_SECONDS);
    await reconcileClusters(ctx);
    expect((await leasesOf(rented.clusterId)).map(({ stopReason }) => stopReason)).toEqual(
      rented.leases.map(() => "budget-spent"),
    );
    await reconcileMetering(ctx);
    await rental.end(rented);
    await rental.untilSettled(rented);
    const settled = await rental.settlement(rented);
    const earned = rented.leases.map(({ ratePerHour }) => payout(ratePerHour, 700, 200));
    expect(settled.payouts.map(({ seconds, paid }) => [seconds, paid])).toEqual(
      earned.map(({ net: paid }) => [700, paid]),
    );
    const gross = earned.reduce((sum, each) => sum + each.gross, 0n);
    expect(settled).toMatchObject({ refunded: rented.deposit + amount - gross });
  },
);

test("without a top-up the second pair of eyes stops the same cluster when its budget is spent", async () => {
  const { market, net, ctx } = rental;
  const rented = await rental.rentOne();
  const startMs = market.clock.now() - 100_000;
  await net.advance(DELIVERED_SECONDS);
  market.clock.advance((DELIVERED_SECONDS - 100) * 1000);
  await deliver(rented, startMs, DELIVERED_SECONDS);
  await reconcileSettlement(ctx);
  await reconcileClusters(ctx);
  expect((await leasesOf(rented.clusterId)).map(({ stopReason }) => stopReason)).toEqual(
    rented.leases.map(() => "budget-spent"),
  );
  expect(await toppedUp(rented.clusterId)).toEqual([]);
});

test("a top-up beyond all measure holds up nobody's settlement", async () => {
  const { net, ctx } = rental;
  const [topped, other] = await rental.rent(2);
  if (topped === undefined || other === undefined) throw new Error("two were rented");
  await net.call("ionet_requestTokens", [net.engineer.address, net.usdc, "1000000000000"]);
  const escrow = await readEscrow(net.chain, address((await rental.escrowOf(topped)).address), "confirmed");
  if (escrow === null) throw new Error("the escrow is open");
  const more = { payer: net.engineer, escrow, seconds: 2 ** 31, leases: [0] };
  const instruction = await topUpInstruction({ ...more, amount: topUpCost(more) });
  await send(net.chain, { payer: net.engineer, instructions: [instruction], commitment: "finalized" });
  await rental.end(other);
  await rental.untilSettled(other);
  const [extended] = await leasesOf(topped.clusterId);
  expect(extended?.maxSeconds).toBe(2 ** 31 - 1);
  await reconcileSettlement(ctx);
  expect(await toppedUp(topped.clusterId)).toHaveLength(1);
  await rental.end(topped);
  await rental.untilSettled(topped);
  expect((await rental.settlement(topped)).payouts.map(({ paid }) => paid)).toEqual(
    EARNED.map(({ net: paid }) => paid),
  );
});
