import { setTimeout as sleep } from "node:timers/promises";
import { createTokenAccountInstruction, escrowAddress, readEscrows, send } from "@ionet/chain";
import { payout, type QuotedLease } from "@ionet/protocol";
import { address } from "@solana/kit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { observeLeases } from "../../clusters/observe-leases.ts";
import { reconcileClusters } from "../../clusters/reconcile.ts";
import { stopCluster } from "../../clusters/stop-cluster.ts";
import { findCluster } from "../../clusters/store.ts";
import { reconcileEscrows } from "../../escrows/reconcile.ts";
import { dyingAt } from "../../escrows/testing/crash.ts";
import { statementChain, type TestNode, walletNamed, word } from "../../escrows/testing/market.ts";
import { observeStatements } from "../../metering/observe-statements.ts";
import { reconcileMetering } from "../../metering/reconcile.ts";
import { reconcileSettlement } from "../reconcile.ts";
import { openTestRental, type TestRental } from "../testing/rental.ts";

const SUPPLIERS = 256;
const ESCROWS = 6;
/** Rates that round differently, so that a unit gained or lost by splitting would show. */
const rateOf = (index: number) => 361_003n + 7n * BigInt(index);
/** Delivered seconds, different from lease to lease. */
const deliveredBy = (index: number) => 60 + 10 * (index % 3);
/** A killed process has got so much further than the one before. */
const EFFECTS_A_LIFE = 9;

/** Suppliers that nobody has paid yet: they have no token account. */
const STRANGERS = 20;

let rental: TestRental;
beforeAll(async () => {
  rental = await openTestRental();
});
afterAll(() => rental?.close());

/** Token accounts as most suppliers have them already, eight in a transaction. */
async function makeAccounts(nodes: readonly TestNode[]): Promise<void> {
  const { chain, payer, usdc } = rental.net;
  const parts = Array.from({ length: Math.ceil(nodes.length / 8) }, (_, at) =>
    nodes.slice(8 * at, 8 * at + 8),
  );
  await Promise.all(
    parts.map(async (part) => {
      const instructions = await Promise.all(
        part.map(({ wallet }) =>
          createTokenAccountInstruction({ payer, wallet: address(wallet), mint: usdc }),
        ),
      );
      await send(chain, { payer, instructions, commitment: "confirmed" });
    }),
  );
}

test("256 suppliers in six escrows: booked, funded, formed, metered and, killed over and over, each paid exactly once", async () => {
  const { net, market, ctx } = rental;
  const nodes: TestNode[] = [];
  for (let at = 0; at < SUPPLIERS; at++) nodes.push(await market.addNode(walletNamed(`supplier ${at}`)));
  const leases = nodes.map((node, at) => market.leaseOf(node, { rate: rateOf(at), maxSeconds: 600 }));
  const each = async (work: (node: TestNode, lease: QuotedLease, at: number) => Promise<void>) => {
    for (const [at, node] of nodes.entries()) await work(node, leases[at] as QuotedLease, at);
  };

  let number = 1_000n;
  const reservation = await market.reserve(leases, {
    wallet: net.engineer.address,
    mint: net.usdc,
    escrowAt: async () => ({ number: ++number, address: await escrowAddress(net.engineer.address, number) }),
  });
  expect(reservation.escrows.map(({ leaseCount }) => leaseCount)).toEqual([50, 50, 50, 50, 50, 6]);
  const funds = await net.balance(net.engineer.address);
  await Promise.all([rental.open(reservation), makeAccounts(nodes.slice(0, -STRANGERS))]);
  expect(await net.balance(net.engineer.address)).toBe(funds - reservation.deposit);
  await reconcileEscrows(ctx);
  await reconcileClusters(ctx);
  const formed = await findCluster(ctx, reservation.clusterId);
  expect(formed?.cluster.state).toBe("forming");
  expect(formed?.leases.map(({ id, role }) => [id, role])).toEqual(
    leases.map(({ leaseId }, at) => [leaseId, at === 0 ? "head" : "worker"]),
  );

  await net.advance(100);
  await each((node, { leaseId }) => observeLeases(ctx, node.id, [word(leaseId, "joined")]));
  await reconcileClusters(ctx);
  const startMs = market.clock.now();
  market.clock.advance(100_000);
  const all = leases.map(({ leaseId }) => leaseId);
  await each(async (node, lease, at) => {
    const says = statementChain(node, lease);
    const statements = [];
    for (let second = 0; second <= deliveredBy(at); second += 10) {
      statements.push(says(startMs + second * 1000, at === 0 ? { peersAlive: all } : {}));
    }
    await observeStatements(ctx, node.id, [word(lease.leaseId, "joined", { statements })]);
  });
  await each((node) => market.hear(node));
  await reconcileMetering(ctx);
  expect((await findCluster(ctx, reservation.clusterId))?.cluster.state).toBe("ready");

  await stopCluster(ctx, market, reservation.clusterId);
  await each(async (node, { leaseId }) => {
    await observeLeases(ctx, node.id, [word(leaseId, "ended")]);
    await observeStatements(ctx, node.id, [word(leaseId, "ended")]);
  });
  const isSettled = async () => (await rental.settlement(reservation)).state === "settled";
  let deaths = 0;
  for (let life = 1; life < 100 && !(await isSettled()); life++) {
    market.clock.advance(60_000);
    const process = dyingAt(ctx, life * EFFECTS_A_LIFE);
    await reconcileSettlement(process.ctx).catch((error: unknown) => {
      if (!process.died()) throw error;
    });
    if (process.died()) deaths++;
    await sleep(100);
  }
  expect(deaths).toBeGreaterThan(5);

  const settlement = await rental.settlement(reservation);
  const earned = leases.map(({ ratePerHour }, at) => payout(ratePerHour, deliveredBy(at), 200));
  expect(settlement.payouts.map(({ leaseId, seconds, paid, fee }) => [leaseId, seconds, paid, fee])).toEqual(
    leases.map(({ leaseId }, at) => [leaseId, deliveredBy(at), earned[at]?.net, earned[at]?.fee]),
  );
  expect(settlement.escrows).toHaveLength(ESCROWS);
  expect((await findCluster(ctx, reservation.clusterId))?.cluster.state).toBe("closed");
  // What the chain says: each supplier has its share, once; nothing is left, and nothing was made or lost.
  const held = await Promise.all(nodes.map(({ wallet }) => net.balance(address(wallet))));
  expect(held).toEqual(earned.map(({ net: paid }) => paid));
  const [gross, fee] = earned.reduce(([all, fees], one) => [all + one.gross, fees + one.fee], [0n, 0n]);
  expect(await net.balance(net.treasury)).toBe(fee);
  expect(await net.balance(net.engineer.address)).toBe(funds - gross);
  const places = reservation.escrows.map((escrow) => address(escrow.address));
  expect(await readEscrows(net.chain, places, "finalized")).toEqual(new Map());
  expect(await market.gpusHeld()).toBe(0);
}, 300_000);
