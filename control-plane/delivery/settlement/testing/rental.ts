import { setTimeout as sleep } from "node:timers/promises";
import { inspect } from "node:util";
import {
  escrowAddress,
  isNative,
  NATIVE_SOL,
  openEscrowInstruction,
  readEscrow,
  readEscrows,
  send,
  walletBalance,
} from "@ionet/chain";
import { type ClusterId, leasesOfEscrow, payout, type QuotedLease } from "@ionet/protocol";
import { type Address, address, generateKeyPairSigner, type KeyPairSigner } from "@solana/kit";
import { expect } from "vitest";
import type { ReservationRecord } from "../../../market/reservations/model.ts";
import type { ChainContext } from "../../../platform/context.ts";
import { observeLeases } from "../../clusters/observe-leases.ts";
import { reconcileClusters } from "../../clusters/reconcile.ts";
import { stopCluster } from "../../clusters/stop-cluster.ts";
import { findCluster } from "../../clusters/store.ts";
import type { EscrowRecord } from "../../escrows/model.ts";
import { reconcileEscrows } from "../../escrows/reconcile.ts";
import { escrowsOf } from "../../escrows/store.ts";
import { openTestMarket, statementChain, type TestNode, word } from "../../escrows/testing/market.ts";
import { observeStatements } from "../../metering/observe-statements.ts";
import { reconcileMetering } from "../../metering/reconcile.ts";
import { reconcileSettlement } from "../reconcile.ts";
import { settlementOf } from "../routes.ts";
import { startTestChain } from "./chain.ts";
import { passSlotsFast } from "./fast-slots.ts";

/** A cluster of three leases of two suppliers: a data centre has the first two, a miner the third. */
export type Rented = {
  reservation: ReservationRecord;
  clusterId: ClusterId;
  nodes: TestNode[];
  leases: QuotedLease[];
  deposit: bigint;
  /** Lamports that come back to the engineer with the refund; 0 where the escrow is in tokens. */
  rent: bigint;
  miner: KeyPairSigner;
};

/** Into how many escrows a cluster's three leases are cut, which of them are opened, and how long suppliers offer at most. */
export type Cut = {
  leasesPerEscrow?: number;
  opens?: (position: number) => boolean;
  latestSeconds?: number;
  interruptible?: boolean;
};

/** Base units an hour: odd on purpose, so that rounding shows. */
const RATES = [361_003n, 720_007n, 2_490_833n];
/** Seconds each lease of a rented cluster delivers. */
export const DELIVERED = [90, 90, 70];
const FEE_BPS = 200;
const MAX_SECONDS = 600;
/** As the length of a round: whatever failed is tried again in every one. */
export const A_RETRY_MS = 60_000;

const payoutOf = (index: number) =>
  payout((RATES[index] ?? 0n) as QuotedLease["ratePerHour"], DELIVERED[index] ?? 0, FEE_BPS);
/** What each of the three leases earns. */
export const EARNED = [payoutOf(0), payoutOf(1), payoutOf(2)] as const;
/** What the treasury gets of it, and what leaves the escrow in all. */
export const FEE = EARNED[0].fee + EARNED[1].fee + EARNED[2].fee;
export const GROSS = EARNED[0].gross + EARNED[1].gross + EARNED[2].gross;

/** A market beside a real local network, and clusters that are rented, delivered and ended as agents and engineers do it. */
export async function openTestRental(currency: "USDC" | "SOL" = "USDC") {
  const net = await startTestChain();
  const stopPassing = passSlotsFast(net);
  const mint = currency === "SOL" ? NATIVE_SOL : net.usdc;
  const market = await openTestMarket();
  const ctx: ChainContext = { ...market.ctx, chain: net.chain, meter: net.meter, payer: net.payer };
  let escrowNumber = 0n;
  const balanceOf = async (wallet: Address) =>
    (await walletBalance(net.chain, wallet, mint, "finalized")) ?? 0n;

  /**
   * A reservation of three nodes of two suppliers, and its escrows open on the chain, changed as asked; of several only
   * those that `opens` says.
   */
  async function book(
    change: (lease: QuotedLease) => bigint = (lease) => lease.ratePerHour,
    { leasesPerEscrow = RATES.length, opens = () => true, ...offered }: Cut = {},
  ): Promise<Rented> {
    const [dataCentre, miner] = [await generateKeyPairSigner(), await generateKeyPairSigner()];
    const wallets = [dataCentre.address, dataCentre.address, miner.address];
    const nodes: TestNode[] = [];
    // A wallet that holds less than the rent exemption could not take lamports.
    if (isNative(mint))
      for (const { address } of [dataCentre, miner]) await net.giveLamports(address, 10n ** 9n);
    for (const wallet of wallets) nodes.push(await market.addNode(wallet));
    const leases = nodes.map((node, index) =>
      market.leaseOf(node, { rate: RATES[index] ?? 1n, maxSeconds: MAX_SECONDS, ...offered }),
    );
    const reservation = await market.reserve(leases, {
      wallet: net.engineer.address,
      mint,
      escrowAt: async () => {
        const number = escrowNumber++;
        return { number, address: await escrowAddress(net.engineer.address, number) };
      },
      leasesPerEscrow,
    });
    await open(reservation, opens, change);
    const places = reservation.escrows.map((escrow) => address(escrow.address));
    const there = isNative(mint) ? [...(await readEscrows(net.chain, places, "finalized")).values()] : [];
    return {
      reservation,
      clusterId: reservation.clusterId,
      nodes,
      leases,
      deposit: reservation.deposit,
      rent: there.reduce((total, { rent }) => total + rent, 0n),
      miner,
    };
  }

  /** The engineer opens and funds those of a reservation's escrows that `opens` says; they are final then. */
  async function open(
    { escrows, leases }: ReservationRecord,
    opens: (position: number) => boolean = () => true,
    change: (lease: QuotedLease) => bigint = (lease) => lease.ratePerHour,
  ): Promise<void> {
    const asked = escrows.filter((_, position) => opens(position));
    await Promise.all(
      asked.map(async (escrow) => {
        const instruction = await openEscrowInstruction({
          engineer: net.engineer,
          id: escrow.number,
          mint,
          deposit: escrow.deposit,
          leases: leasesOfEscrow(leases, escrow).map((lease) => ({
            supplier: address(lease.supplier),
            ratePerHour: change(lease),
            maxSeconds: lease.maxSeconds,
          })),
        });
        await send(net.chain, { payer: net.engineer, instructions: [instruction], commitment: "finalized" });
      }),
    );
  }

  /** Books, and lets the agents form the clusters and deliver; they are ready then, and still run. */
  async function rent(count: number, cut: Cut = {}): Promise<Rented[]> {
    const rented = await Promise.all(Array.from({ length: count }, () => book(undefined, cut)));
    await reconcileEscrows(ctx);
    await reconcileClusters(ctx);
    await net.advance(100);
    for (const each of rented) {
      for (const [node, lease] of leasesOf(each)) {
        await observeLeases(ctx, node.id, [word(lease.leaseId, "joined")]);
      }
    }
    await reconcileClusters(ctx);
    const startMs = market.clock.now();
    market.clock.advance(100_000);
    for (const each of rented) {
      for (const [node, lease, index] of leasesOf(each)) {
        const says = statementChain(node, lease);
        const peersAlive = index === 0 ? { peersAlive: each.leases.map(({ leaseId }) => leaseId) } : {};
        const statements = [];
        for (let second = 0; second <= (DELIVERED[index] ?? 0); second += 10) {
          statements.push(says(startMs + second * 1000, peersAlive));
        }
        await market.hear(node);
        await observeStatements(ctx, node.id, [word(lease.leaseId, "joined", { statements })]);
      }
    }
    await reconcileMetering(ctx);
    return rented;
  }

  async function rentOne(cut: Cut = {}): Promise<Rented> {
    const [rented] = await rent(1, cut);
    if (rented === undefined) throw new Error("one was rented");
    return rented;
  }

  /** The engineer stops, the agents end their leases. */
  async function end(rented: Rented): Promise<void> {
    await stopCluster(ctx, market, rented.clusterId);
    for (const [node, lease] of leasesOf(rented)) {
      await observeLeases(ctx, node.id, [word(lease.leaseId, "ended")]);
      await observeStatements(ctx, node.id, [word(lease.leaseId, "ended")]);
    }
  }

  /** The one escrow of such a cluster. */
  async function escrowOf({ clusterId }: Pick<Rented, "clusterId">): Promise<EscrowRecord> {
    const [escrow] = await escrowsOf(ctx, clusterId);
    if (escrow === undefined) throw new Error(`cluster ${clusterId} has no escrow`);
    return escrow;
  }

  const settlement = ({ clusterId }: Pick<Rented, "clusterId">) =>
    settlementOf(ctx, market.accountId, clusterId);

  /** Runs the reconciler as the control plane does until `done`. The chain's slots pass. */
  async function reconcileUntil(
    done: () => Promise<boolean>,
    running: ChainContext = ctx,
    roundMs = 1000,
  ): Promise<void> {
    const logged = market.logged.length;
    for (let round = 0; round < 200; round++) {
      market.clock.advance(roundMs);
      await reconcileSettlement(running);
      if (await done()) return;
      await sleep(100);
    }
    throw new Error(`not done; the log says ${inspect(market.logged.slice(logged).slice(-3), { depth: 3 })}`);
  }

  const isSettled = async (rented: Rented) => (await settlement(rented)).state === "settled";
  const untilSettled = (rented: Rented, running: ChainContext = ctx, roundMs = 1000) =>
    reconcileUntil(() => isSettled(rented), running, roundMs);

  /** What the chain holds for all who have a part in a cluster. */
  async function balances({ leases }: Rented) {
    const [dataCentre, miner] = [leases[0], leases[2]].map(
      (lease) => address(lease?.supplier ?? "") as Address,
    );
    if (dataCentre === undefined || miner === undefined) throw new Error("a cluster has three leases");
    return {
      dataCentre: await balanceOf(dataCentre),
      miner: await balanceOf(miner),
      treasury: await balanceOf(net.treasury),
      engineer: await balanceOf(net.engineer.address),
    };
  }

  /** The settlement says to the unit who was paid, and the account on the chain is gone: it can't pay again. */
  async function expectAccounted(rented: Rented): Promise<void> {
    const found = await settlement(rented);
    const refunded = rented.deposit - GROSS;
    expect(found).toMatchObject({ state: "settled", deposited: rented.deposit, fee: FEE, refunded });
    for (const escrow of found.escrows) {
      expect(escrow).toMatchObject({ state: "settled", refundSignature: expect.any(String) });
      expect(await readEscrow(net.chain, address(escrow.address), "finalized")).toBeNull();
    }
    expect(found.payouts.map(({ seconds, paid, fee }) => [seconds, paid, fee])).toEqual(
      EARNED.map((each, index) => [DELIVERED[index], each.net, each.fee]),
    );
    expect(found.payouts.every((each) => each.signature !== null)).toBe(true);
    expect((await findCluster(ctx, rented.clusterId))?.cluster.state).toBe("closed");
  }

  /** Paid exactly once: every wallet's balance, and the settlement that says so. */
  async function expectPaidOnce(rented: Rented, before: Awaited<ReturnType<typeof balances>>): Promise<void> {
    const after = await balances(rented);
    expect({
      dataCentre: after.dataCentre - before.dataCentre,
      miner: after.miner - before.miner,
      treasury: after.treasury - before.treasury,
      engineer: after.engineer - before.engineer,
    }).toEqual({
      dataCentre: EARNED[0].net + EARNED[1].net,
      miner: EARNED[2].net,
      treasury: FEE,
      engineer: rented.deposit - GROSS + rented.rent,
    });
    await expectAccounted(rented);
  }

  async function close(): Promise<void> {
    await stopPassing();
    await net.stop();
    await market.close();
  }

  const steps = { book, open, rent, rentOne, end, escrowOf, settlement, reconcileUntil, untilSettled };
  return { net, market, ctx, ...steps, balances, expectAccounted, expectPaidOnce, close };
}

export type TestRental = Awaited<ReturnType<typeof openTestRental>>;

const leasesOf = ({ nodes, leases }: Rented) =>
  leases.flatMap((lease, index): [TestNode, QuotedLease, number][] => {
    const node = nodes[index];
    return node === undefined ? [] : [[node, lease, index]];
  });
