import { type Demand, demandSchema } from "@ionet/protocol";
import { type Kysely, type KyselyPlugin, sql } from "kysely";
import { expect, test } from "vitest";
import { z } from "zod";
import { signInTestWallet } from "../../platform/accounts/testing/wallet.ts";
import type { Tables } from "../../platform/context.ts";
import { openTestContext } from "../../platform/testing/context.ts";
import { openAllocation } from "../../supply/inventory/allocation/allocation.ts";
import { readHeld } from "../../supply/inventory/allocation/testing/nodes.ts";
import { addTestNode } from "../../supply/nodes/testing/node.ts";
import { admitBookings } from "./admit.ts";
import { book } from "./book.ts";
import { createQuote } from "./create-quote.ts";
import { testPaymentTerms } from "./testing/payment-terms.ts";

const terms = testPaymentTerms();

/** A connection that breaks for good at its n-th statement, counted from 1. */
function breakingAt(db: Kysely<Tables>, statement: number): Kysely<Tables> {
  let count = 0;
  const plugin: KyselyPlugin = {
    transformQuery({ node }) {
      if (++count >= statement) throw new Error(`the connection broke at statement ${statement}`);
      return node;
    },
    transformResult: async ({ result }) => result,
  };
  return db.withPlugin(plugin);
}

test("whatever statement a booking breaks at, its reservation and its GPUs are there both or neither", async () => {
  const ctx = await openTestContext();
  const { caller } = await signInTestWallet(ctx);
  await addTestNode(ctx, { gpus: 2 });
  await addTestNode(ctx, { gpus: 2 });
  const demand: Demand = z.decode(demandSchema, { gpuModel: "a100-40gb", gpuCount: 4 });
  let broken = 0;
  for (let booked = false; !booked; ) {
    const { id } = await createQuote(ctx, terms, caller, demand);
    const openConnection = () => ({ db: breakingAt(ctx.db, broken + 1), close: async () => {} });
    const allocation = openAllocation({ openConnection, log: ctx.log }, admitBookings);
    booked = await book({ ...ctx, allocation }, terms, caller, id).then(
      () => true,
      () => false,
    );
    const { rows } = await sql<{ id: string }>`select id from reservations`.execute(ctx.db);
    const gpus = booked ? 4 : 0;
    expect([broken, rows.length, await readHeld(ctx.db)]).toEqual([
      broken,
      booked ? 1 : 0,
      { byLeases: gpus, byNodes: gpus, same: true },
    ]);
    if (!booked) broken++;
  }
  // At least: the lock, the token, the rows; then the wallet's holds and rates, the reservation, its GPUs.
  expect(broken).toBeGreaterThanOrEqual(7);
  await ctx.close();
});
