import { baseUnits } from "@ionet/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { EscrowRecord } from "../escrows/model.ts";
import { dyingAtWrite } from "../escrows/testing/crash.ts";
import { openTestMarket, type TestMarket, walletNamed } from "../escrows/testing/market.ts";
import type { PlannedPayout } from "./model.ts";
import { openSettlement, recordPayments, recordSettled, settlementsOf } from "./store.ts";

let market: TestMarket;
beforeAll(async () => {
  market = await openTestMarket();
});
afterAll(async () => market?.close());

/** An escrow of which nothing has been paid yet. */
async function escrow(name: string): Promise<EscrowRecord> {
  const record: EscrowRecord = {
    address: walletNamed(name),
    position: 0,
    reservationId: market.id("reservation"),
    clusterId: market.id("cluster"),
    accountId: market.accountId,
    engineer: walletNamed("engineer"),
    mint: walletNamed("mint"),
    deposited: baseUnits(1000n),
    feeBps: 200,
    minimumSeconds: 60,
    openedSlot: 1n,
    openedAtMs: 0,
    leases: [],
    state: "funded",
    reason: null,
    seenAtMs: 0,
  };
  await openSettlement(market.ctx.db, record, 0);
  return record;
}

const paid = (amount: bigint): { payouts: PlannedPayout[]; fee: PlannedPayout["fee"] } => ({
  payouts: [
    {
      leaseIndex: 0,
      leaseId: market.id("lease"),
      supplier: walletNamed("supplier"),
      seconds: 60,
      paid: baseUnits(amount),
      fee: baseUnits(amount / 10n),
      signature: null,
    },
  ],
  fee: baseUnits(amount / 10n),
});

test("payments of a running cluster change nothing in a settled escrow's account", async () => {
  const { address, clusterId } = await escrow("settled");
  const account = {
    ...paid(500n),
    deposited: baseUnits(1000n),
    refunded: baseUnits(450n),
    refundSignature: null,
    proven: true,
  };
  await recordSettled(market.ctx.db, address, account, 1);
  const settled = (await settlementsOf(market.ctx.db, clusterId)).get(address);
  await recordPayments(market.ctx.db, address, paid(100n), 2);
  expect((await settlementsOf(market.ctx.db, clusterId)).get(address)).toEqual(settled);
});

test("payments are written down together or not at all", async () => {
  const { address, clusterId } = await escrow("running");
  await recordPayments(market.ctx.db, address, paid(100n), 1);
  const before = (await settlementsOf(market.ctx.db, clusterId)).get(address);
  const after = paid(200n);
  let write = 0;
  for (let died = true; died; ) {
    const process = dyingAtWrite(market.ctx, ++write);
    await recordPayments(process.ctx.db, address, after, 2).catch((error: unknown) => {
      if (!process.died()) throw error;
    });
    died = process.died();
    if (died) expect((await settlementsOf(market.ctx.db, clusterId)).get(address)).toEqual(before);
  }
  expect(write).toBeGreaterThan(2);
  expect((await settlementsOf(market.ctx.db, clusterId)).get(address)).toMatchObject({
    settlement: { fee: after.fee },
    payouts: after.payouts,
  });
});
