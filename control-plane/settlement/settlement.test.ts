import { setTimeout as sleep } from "node:timers/promises";
import {
  closeEscrowInstruction,
  createTokenAccountInstruction,
  escrowAddress,
  openEscrowInstruction,
  readEscrow,
  send,
  stopInstruction,
  tokenAccountOf,
  tokenBalance,
} from "@ionet/chain";
import { type ClusterId, payout, type QuotedLease } from "@ionet/protocol";
import { type Address, address, generateKeyPairSigner, type KeyPairSigner, lamports } from "@solana/kit";
import {
  AuthorityType,
  getCloseAccountInstruction,
  getSetAuthorityInstruction,
  getTransferInstruction,
} from "@solana-program/token";
import { afterAll, beforeAll, expect, test } from "vitest";
import { observeLeases } from "../clusters/observe-leases.ts";
import { reconcileClusters } from "../clusters/reconcile.ts";
import { stopCluster } from "../clusters/stop-cluster.ts";
import { findCluster } from "../clusters/store.ts";
import type { ChainContext } from "../context.ts";
import { reconcileEscrows } from "../escrows/reconcile.ts";
import { escrowOf } from "../escrows/store.ts";
import { dyingAt } from "../escrows/test-crash.ts";
import {
  openTestMarket,
  statementChain,
  type TestMarket,
  type TestNode,
  word,
} from "../escrows/test-market.ts";
import { observeStatements } from "../metering/observe-statements.ts";
import { reconcileMetering } from "../metering/reconcile.ts";
import { newestReadings } from "../metering/sign-reading.ts";
import { expireHolds } from "../reservations/store.ts";
import { reconcileSettlement } from "./reconcile.ts";
import { settlementOf } from "./routes.ts";
import { findSettlement } from "./store.ts";
import { startTestChain, type TestChain } from "./test-chain.ts";

let net: TestChain;
let market: TestMarket;
let ctx: ChainContext;
let escrowNumber = 0n;
beforeAll(async () => {
  net = await startTestChain();
  market = await openTestMarket();
  ctx = { ...market.ctx, chain: net.chain, meter: net.meter, payer: net.payer };
});
afterAll(async () => {
  await net?.stop();
  await market?.close();
});

type Rented = {
  clusterId: ClusterId;
  nodes: TestNode[];
  leases: QuotedLease[];
  deposit: bigint;
  miner: KeyPairSigner;
};

/** Base units an hour: odd on purpose, so that rounding shows. */
const RATES = [361_003n, 720_007n, 2_490_833n];
/** Seconds each lease of a rented cluster delivers. */
const DELIVERED = [90, 90, 70];

/** A reservation of three nodes of two suppliers, and its escrow open on the chain, changed as asked. */
async function book(change: (lease: QuotedLease) => bigint = (lease) => lease.ratePerHour): Promise<Rented> {
  const [dataCentre, miner] = [await generateKeyPairSigner(), await generateKeyPairSigner()];
  const wallets = [dataCentre.address, dataCentre.address, miner.address];
  const nodes: TestNode[] = [];
  for (const wallet of wallets) nodes.push(await market.addNode(wallet));
  const leases = nodes.map((node, index) =>
    market.leaseOf(node, { rate: RATES[index] ?? 1n, maxSeconds: 600 }),
  );
  const number = escrowNumber++;
  const reservation = await market.reserve(leases, {
    wallet: net.engineer.address,
    mint: net.usdc,
    address: await escrowAddress(net.engineer.address, number),
    number,
  });
  const open = await openEscrowInstruction({
    engineer: net.engineer,
    id: number,
    mint: net.usdc,
    deposit: reservation.deposit,
    leases: leases.map((lease) => ({
      supplier: address(lease.supplier),
      ratePerHour: change(lease),
      maxSeconds: lease.maxSeconds,
    })),
  });
  await send(net.chain, { payer: net.engineer, instructions: [open], commitment: "finalized" });
  return { clusterId: reservation.clusterId, nodes, leases, deposit: reservation.deposit, miner };
}

/** Books, and lets the agents form the cluster and deliver; it is ready then, and still runs. */
async function rent(count: number): Promise<Rented[]> {
  const rented = await Promise.all(Array.from({ length: count }, () => book()));
  await reconcileEscrows(ctx);
  await reconcileClusters(ctx);
  await net.advance(100);
  for (const { nodes, leases } of rented) {
    for (const [index, lease] of leases.entries()) {
      const node = nodes[index];
      if (node === undefined) continue;
      await observeLeases(ctx, node.id, [word(lease.leaseId, "joined")]);
    }
  }
  await reconcileClusters(ctx);
  const startMs = market.clock.now();
  market.clock.advance(100_000);
  for (const { nodes, leases } of rented) {
    for (const [index, lease] of leases.entries()) {
      const node = nodes[index];
      if (node === undefined) continue;
      const says = statementChain(node, lease);
      const statements = [];
      for (let second = 0; second <= (DELIVERED[index] ?? 0); second += 10) {
        statements.push(
          says(
            startMs + second * 1000,
            index === 0 ? { peersAlive: leases.map((each) => each.leaseId) } : {},
          ),
        );
      }
      await market.hear(node);
      await observeStatements(ctx, node.id, [word(lease.leaseId, "joined", { statements })]);
    }
  }
  await reconcileMetering(ctx);
  return rented;
}

/** The engineer stops, the agents end their leases. */
async function end({ clusterId, nodes, leases }: Rented): Promise<void> {
  await stopCluster(ctx, market, clusterId);
  for (const [index, lease] of leases.entries()) {
    const node = nodes[index];
    if (node === undefined) continue;
    await observeLeases(ctx, node.id, [word(lease.leaseId, "ended")]);
    await observeStatements(ctx, node.id, [word(lease.leaseId, "ended")]);
  }
}

/** Runs the reconciler as the control plane does, until the settlement is done. Real time passes: the chain's slots. */
async function untilSettled(clusterId: ClusterId, running: ChainContext = ctx): Promise<void> {
  for (let round = 0; round < 100; round++) {
    market.clock.advance(1000);
    await reconcileSettlement(running);
    if ((await settlementOf(ctx, market.accountId, clusterId)).state === "settled") return;
    await sleep(200);
  }
  throw new Error(`not settled; the log says ${market.logged.map((line) => line.message).join("; ")}`);
}

/** What the chain holds for all who have a part in a cluster. */
async function balances({ leases }: Rented) {
  const [dataCentre, miner] = [leases[0], leases[2]].map(
    (lease) => address(lease?.supplier ?? "") as Address,
  );
  if (dataCentre === undefined || miner === undefined) throw new Error("a cluster has three leases");
  return {
    dataCentre: await net.balance(dataCentre),
    miner: await net.balance(miner),
    treasury: await net.balance(net.treasury),
    engineer: await net.balance(net.engineer.address),
  };
}

const expected = RATES.map((rate, index) =>
  payout(rate as QuotedLease["ratePerHour"], DELIVERED[index] ?? 0, 200),
);

/** Paid exactly once: every wallet's balance, and the settlement that says so. */
async function expectPaidOnce(rented: Rented, before: Awaited<ReturnType<typeof balances>>): Promise<void> {
  const after = await balances(rented);
  const [first, second, third] = expected;
  if (!first || !second || !third) throw new Error("three payouts are expected");
  const fee = first.fee + second.fee + third.fee;
  const refund = rented.deposit - first.gross - second.gross - third.gross;
  expect({
    dataCentre: after.dataCentre - before.dataCentre,
    miner: after.miner - before.miner,
    treasury: after.treasury - before.treasury,
    engineer: after.engineer - before.engineer,
  }).toEqual({ dataCentre: first.net + second.net, miner: third.net, treasury: fee, engineer: refund });
  const settlement = await settlementOf(ctx, market.accountId, rented.clusterId);
  expect(settlement).toMatchObject({
    state: "settled",
    deposited: rented.deposit,
    fee,
    refunded: refund,
    refundSignature: expect.any(String),
  });
  expect(settlement.payouts.map(({ seconds, paid, fee: each }) => [seconds, paid, each])).toEqual(
    expected.map((each, index) => [DELIVERED[index], each.net, each.fee]),
  );
  expect(settlement.payouts.every((each) => each.signature !== null)).toBe(true);
  expect((await findCluster(ctx, rented.clusterId))?.cluster.state).toBe("closed");
  expect(await readEscrow(net.chain, address(settlement.escrow), "finalized")).toBeNull();
}

test("a stopped cluster is settled: suppliers, treasury and engineer have it to the unit on the chain", async () => {
  const [rented] = await rent(1);
  if (rented === undefined) throw new Error("one was rented");
  const before = await balances(rented);
  const node = rented.nodes[2];
  expect(await newestReadings(ctx, node?.id ?? market.id("node"))).toHaveLength(1);
  await end(rented);
  await untilSettled(rented.clusterId);
  await expectPaidOnce(rented, before);
  await reconcileSettlement(ctx);
  await expectPaidOnce(rented, before);
  expect(await market.gpusHeld()).toBe(0);
});

test("a running cluster's suppliers are paid by the hour, and only the difference at its end", async () => {
  const [rented] = await rent(1);
  if (rented === undefined) throw new Error("one was rented");
  const before = await balances(rented);
  await reconcileSettlement(ctx);
  market.clock.advance(3_600_000);
  await reconcileSettlement(ctx);
  await sleep(1500);
  const paidSoFar = await balances(rented);
  expect(paidSoFar.miner).toBe(expected[2]?.net);
  expect(paidSoFar.engineer).toBe(before.engineer);
  const settlement = await settlementOf(ctx, market.accountId, rented.clusterId);
  expect(settlement.state).toBe("open");
  expect(settlement.payouts.map((each) => each.seconds)).toEqual(DELIVERED);
  await end(rented);
  await untilSettled(rented.clusterId);
  await expectPaidOnce(rented, before);
});

test("an engineer who stops on the chain itself is stopped here, and everybody has what was earned till then", async () => {
  const [rented] = await rent(1);
  if (rented === undefined) throw new Error("one was rented");
  const before = await balances(rented);
  const record = await escrowOf(ctx, rented.clusterId);
  const escrow = await readEscrow(net.chain, address(record?.address ?? ""), "confirmed");
  if (escrow === null) throw new Error("the escrow is open");
  const stop = await stopInstruction({ engineer: net.engineer, escrow });
  await send(net.chain, { payer: net.engineer, instructions: [stop], commitment: "finalized" });
  await reconcileSettlement(ctx);
  expect((await findCluster(ctx, rented.clusterId))?.cluster.state).toBe("stopping");
  await end(rented);
  await untilSettled(rented.clusterId);
  await expectPaidOnce(rented, before);
});

test("two control planes at once settle a cluster once", async () => {
  const [rented] = await rent(1);
  if (rented === undefined) throw new Error("one was rented");
  const before = await balances(rented);
  await end(rented);
  await Promise.all([untilSettled(rented.clusterId), untilSettled(rented.clusterId)]);
  await expectPaidOnce(rented, before);
});

test("a supplier that gave its token account away holds nobody up, and its share waits in the escrow", async () => {
  const [rented] = await rent(1);
  if (rented === undefined) throw new Error("one was rented");
  const { miner } = rented;
  await net.chain.rpc.requestAirdrop(miner.address, lamports(10n ** 9n)).send();
  const account = await createTokenAccountInstruction({
    payer: miner,
    wallet: miner.address,
    mint: net.usdc,
  });
  const giveAway = getSetAuthorityInstruction({
    owned: await tokenAccountOf(miner.address, net.usdc),
    owner: miner,
    authorityType: AuthorityType.AccountOwner,
    newAuthority: (await generateKeyPairSigner()).address,
  });
  await send(net.chain, { payer: miner, instructions: [account, giveAway], commitment: "finalized" });
  const before = await balances(rented);
  await end(rented);
  const [first, second, third] = expected;
  if (!first || !second || !third) throw new Error("three payouts are expected");
  const rest = async () => {
    const settlement = await settlementOf(ctx, market.accountId, rented.clusterId);
    return (await readEscrow(net.chain, address(settlement.escrow), "finalized"))?.remainder;
  };
  for (let round = 0; round < 50 && (await rest()) !== third.net; round++) {
    market.clock.advance(1000);
    await reconcileSettlement(ctx);
    await sleep(200);
  }
  expect(await rest()).toBe(third.net);
  const after = await balances(rented);
  expect(after.dataCentre - before.dataCentre).toBe(first.net + second.net);
  expect(after.treasury - before.treasury).toBe(first.fee + second.fee + third.fee);
  expect(after.engineer - before.engineer).toBe(rented.deposit - first.gross - second.gross - third.gross);
});

test("an engineer that gave its token account away holds nobody up, and its refund waits until it can be taken", async () => {
  const [rented] = await rent(1);
  if (rented === undefined) throw new Error("one was rented");
  const before = await balances(rented);
  const other = await generateKeyPairSigner();
  const hand = async (owner: KeyPairSigner, newAuthority: Address) =>
    getSetAuthorityInstruction({
      owned: await tokenAccountOf(net.engineer.address, net.usdc),
      owner,
      authorityType: AuthorityType.AccountOwner,
      newAuthority,
    });
  const { payer } = net;
  await send(net.chain, {
    payer,
    instructions: [await hand(net.engineer, other.address)],
    commitment: "finalized",
  });
  await end(rented);
  const place = address((await escrowOf(ctx, rented.clusterId))?.address ?? "");
  const failures = async () => (await findSettlement(ctx.db, rented.clusterId))?.settlement.attempts ?? 0;
  for (let round = 0; round < 50 && (await failures()) === 0; round++) {
    await reconcileSettlement(ctx);
    await sleep(200);
  }
  // Without time passing there is no other try.
  for (let round = 0; round < 3; round++) await reconcileSettlement(ctx);
  expect(await failures()).toBe(1);
  await sleep(1500);
  const [first, second, third] = expected;
  if (!first || !second || !third) throw new Error("three payouts are expected");
  expect(await balances(rented)).toMatchObject({
    dataCentre: before.dataCentre + first.net + second.net,
    miner: before.miner + third.net,
    treasury: before.treasury + first.fee + second.fee + third.fee,
  });
  expect((await readEscrow(net.chain, place, "finalized"))?.status).toBe("final");
  await send(net.chain, {
    payer,
    instructions: [await hand(other, net.engineer.address)],
    commitment: "finalized",
  });
  await untilSettled(rented.clusterId);
  await expectPaidOnce(rented, before);
});

test("an engineer without a token account is not given one, and is refunded when it has made one", async () => {
  const { engineer, usdc, payer } = net;
  const before = await net.balance(engineer.address);
  const rented = await book((lease) => lease.ratePerHour - 1n);
  const amount = before - rented.deposit;
  const keeper = await generateKeyPairSigner();
  const [own, kept] = [
    await tokenAccountOf(engineer.address, usdc),
    await tokenAccountOf(keeper.address, usdc),
  ];
  await send(net.chain, {
    payer,
    instructions: [
      await createTokenAccountInstruction({ payer: engineer, wallet: keeper.address, mint: usdc }),
      getTransferInstruction({ source: own, destination: kept, authority: engineer, amount }),
      getCloseAccountInstruction({ account: own, destination: engineer.address, owner: engineer }),
    ],
    commitment: "finalized",
  });
  await reconcileEscrows(ctx);
  for (let round = 0; round < 10; round++) {
    market.clock.advance(60_000);
    await reconcileSettlement(ctx);
  }
  expect(await tokenBalance(net.chain, engineer.address, usdc, "confirmed")).toBeNull();
  expect(await settlementOf(ctx, market.accountId, rented.clusterId)).toMatchObject({ state: "settling" });
  await send(net.chain, {
    payer,
    instructions: [
      await createTokenAccountInstruction({ payer: engineer, wallet: engineer.address, mint: usdc }),
      getTransferInstruction({ source: kept, destination: own, authority: keeper, amount }),
    ],
    commitment: "finalized",
  });
  market.clock.advance(60_000);
  await untilSettled(rented.clusterId);
  expect(await net.balance(engineer.address)).toBe(before);
});

test("an escrow that differs from its reservation starts nothing and returns in full", async () => {
  const before = await net.balance(net.engineer.address);
  const rented = await book((lease) => lease.ratePerHour - 1n);
  await reconcileEscrows(ctx);
  await reconcileClusters(ctx);
  expect(await findCluster(ctx, rented.clusterId)).toBeNull();
  expect(await escrowOf(ctx, rented.clusterId)).toMatchObject({
    state: "refused",
    reason: expect.stringContaining("wrong-rate of lease 0"),
  });
  await untilSettled(rented.clusterId);
  expect(await net.balance(net.engineer.address)).toBe(before);
  expect(await settlementOf(ctx, market.accountId, rented.clusterId)).toMatchObject({
    refunded: rented.deposit,
    fee: 0n,
    payouts: [],
  });
});

test("money that comes after the hold has expired goes back in full", async () => {
  const before = await net.balance(net.engineer.address);
  const rented = await book();
  market.clock.advance(90_000);
  await expireHolds(ctx.db, market.clock.now());
  await reconcileEscrows(ctx);
  expect(await escrowOf(ctx, rented.clusterId)).toMatchObject({ state: "refused" });
  await untilSettled(rented.clusterId);
  expect(await net.balance(net.engineer.address)).toBe(before);
});

test("another account sees no settlement, and not that there is one", async () => {
  const rented = await book();
  await reconcileEscrows(ctx);
  await expect(settlementOf(ctx, market.id("account"), rented.clusterId)).rejects.toMatchObject({
    code: "not-found",
  });
});

test("killed at any effect and started again, settlement pays exactly once", async () => {
  const waiting = await rent(30);
  let effect = 0;
  for (let died = true; died; ) {
    const rented = waiting.pop();
    if (rented === undefined) throw new Error(`more than ${effect} effects: rent more clusters`);
    effect++;
    const before = await balances(rented);
    await end(rented);
    const process = dyingAt(ctx, effect);
    await untilSettled(rented.clusterId, process.ctx).catch((error: unknown) => {
      if (!process.died()) throw error;
    });
    died = process.died();
    await untilSettled(rented.clusterId);
    await expectPaidOnce(rented, before);
  }
  expect(effect).toBeGreaterThan(12);
}, 300_000);

test("an escrow that somebody released a day after its end is accounted for as the chain shows it", async () => {
  const [rented] = await rent(1);
  if (rented === undefined) throw new Error("one was rented");
  const before = await balances(rented);
  const place = address((await escrowOf(ctx, rented.clusterId))?.address ?? "");
  await net.advance(600 + 86_400);
  const escrow = await readEscrow(net.chain, place, "confirmed");
  if (escrow === null) throw new Error("the escrow is open");
  const close = await closeEscrowInstruction({ escrow });
  await send(net.chain, { payer: net.payer, instructions: [close], commitment: "finalized" });
  await end(rented);
  await untilSettled(rented.clusterId);
  expect(await balances(rented)).toEqual({ ...before, engineer: before.engineer + rented.deposit });
  expect(await settlementOf(ctx, market.accountId, rented.clusterId)).toMatchObject({
    refunded: rented.deposit,
    fee: 0n,
    payouts: [{ paid: 0n }, { paid: 0n }, { paid: 0n }],
  });
});
