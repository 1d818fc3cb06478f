import { type Answer, demandSchema, newRequestSchema, problem, type QuoteId } from "@ionet/protocol";
import { sql } from "kysely";
import { z } from "zod";
import { latestEnds } from "../../../delivery/clusters/lease-ends.ts";
import { signInTestWallet } from "../../../platform/accounts/testing/wallet.ts";
import type { Caller } from "../../../platform/http/handlers.ts";
import type { TestContext } from "../../../platform/testing/context.ts";
import { observeNode } from "../../../supply/nodes/observe-node.ts";
import { addTestNode, observationOf } from "../../../supply/nodes/testing/node.ts";
import { book } from "../../reservations/book.ts";
import { createQuote } from "../../reservations/create-quote.ts";
import { reconcileReservations } from "../../reservations/reconcile.ts";
import { markFunded, releaseLeaseGpus } from "../../reservations/store.ts";
import { testPaymentTerms } from "../../reservations/testing/payment-terms.ts";
import { createRequest } from "../create-request.ts";
import { ownRequest } from "../own-request.ts";
import { reconcileRequests } from "../reconcile.ts";
import type { RequestContext } from "../request-context.ts";
import { newRoundRobin } from "../round-robin.ts";
import { eventsAfter } from "../store.ts";
import { toView } from "../view.ts";

type Wanted = z.input<typeof demandSchema>;

/** A small market with people who wait: everything real but the chain. */
export function openTestQueue(ctx: TestContext) {
  let balance: bigint | null = 1_000_000_000n;
  let nodes: Awaited<ReturnType<typeof addTestNode>>[] = [];
  const changed: string[] = [];
  const terms = testPaymentTerms({
    async walletBalance() {
      if (balance === null) throw problem("chain-unavailable", { detail: "no answer", next: "again" });
      return balance;
    },
  });
  const requestContext: RequestContext = {
    ...ctx,
    terms,
    requestChanged: (id) => changed.push(id),
    turns: newRoundRobin(),
    latestEnds: (leaseIds) => latestEnds(ctx, leaseIds),
  };

  /** An empty market. */
  async function clear() {
    for (const table of ["released_leases", "backfill_reservations"])
      await sql`delete from ${sql.table(table)}`.execute(ctx.db);
    await sql`truncate accounts cascade`.execute(ctx.db);
    nodes = [];
    balance = 1_000_000_000n;
    changed.length = 0;
  }
  const engineer = async (): Promise<Caller> => (await signInTestWallet(ctx)).caller;
  const addNode = async (gpus: number) => {
    const node = await addTestNode(ctx, { gpus });
    nodes.push(node);
    return { ...node, gpus };
  };
  /** All agents are heard of, so that time may pass. */
  async function pass(seconds: number, gpusOf: (index: number) => number = () => 1) {
    ctx.clock.advance(seconds * 1000);
    for (const [index, { nodeId }] of nodes.entries())
      await observeNode(ctx, nodeId, observationOf({ gpus: gpusOf(index) }));
  }
  const waitFor = (
    caller: Caller,
    wanted: Wanted,
    waitSeconds = 86_400,
    by = ctx,
  ): Promise<Answer<"createRequest">> => {
    const waitUntil = new Date(ctx.clock.now() + waitSeconds * 1000).toISOString();
    return createRequest(by, terms, caller, z.decode(newRequestSchema, { ...wanted, waitUntil }));
  };
  const quoteNow = (caller: Caller, wanted: Wanted) =>
    createQuote(ctx, terms, caller, z.decode(demandSchema, wanted));
  const take = (caller: Caller, { id }: { id: QuoteId }) => book(ctx, terms, caller, id);
  /** Booked at once, as anybody may. */
  const bookNow = async (caller: Caller, wanted: Wanted) => take(caller, await quoteNow(caller, wanted));
  /** Booked and funded: as if its cluster ran, from now on. */
  async function run(caller: Caller, wanted: Wanted) {
    const reservation = await bookNow(caller, wanted);
    await markFunded(ctx.db, reservation.id);
    return reservation;
  }
  /** A cluster ends early. */
  async function end({ leases }: { leases: readonly { leaseId: Parameters<typeof releaseLeaseGpus>[1] }[] }) {
    for (const { leaseId } of leases) await releaseLeaseGpus(ctx.db, leaseId);
    await reconcileReservations(ctx);
  }
  const round = async (by: RequestContext = requestContext) => {
    await reconcileReservations(ctx);
    await reconcileRequests(by);
  };
  const see = async (caller: Caller, { id }: Pick<Answer<"getRequest">, "id">) =>
    toView(await ownRequest(ctx, caller, id));
  const eventsOf = async ({ id }: Pick<Answer<"getRequest">, "id">) =>
    (await eventsAfter(ctx.db, id, 0)).map(({ event }) => event);
  /** Null: the chain does not answer. */
  const setBalance = (units: bigint | null) => {
    balance = units;
  };
  const parts = { terms, requestContext, changed, setBalance };
  return {
    ...parts,
    clear,
    engineer,
    addNode,
    pass,
    waitFor,
    quoteNow,
    take,
    bookNow,
    run,
    end,
    round,
    see,
    eventsOf,
  };
}
