import { type LeaseId, makeId, type NodeId } from "@ionet/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { latestEnds } from "./delivery/clusters/lease-ends.ts";
import { leasesByIds } from "./delivery/clusters/store.ts";
import { sealedLeases } from "./delivery/metering/count-cluster.ts";
import { nextSequence } from "./delivery/metering/observe-statements.ts";
import { latestEndsOfHolds } from "./market/reservations/store.ts";
import { openTestContext, type TestContext } from "./platform/testing/context.ts";
import { listBackfills, replaceBackfills } from "./supply/inventory/backfill.ts";
import { nodeNumbersOf, releaseGpus } from "./supply/inventory/hold-gpus.ts";
import { nodesByIds } from "./supply/nodes/store.ts";
import { addTestNode } from "./supply/nodes/testing/node.ts";

/** More than the 65,535 parameters that PostgreSQL counts in one statement. */
const MANY = 70_000;
/** Bytes that make an id of a number: five bits of each count. */
const bytesOf = (number: number): Uint8Array =>
  Uint8Array.from({ length: 20 }, (_, place) => (place < 6 ? (number >> (5 * place)) & 31 : 0));
const ids = Array.from({ length: MANY }, (_, number) => bytesOf(number));
const leaseIds: LeaseId[] = ids.map((bytes) => makeId("lease", bytes));

let ctx: TestContext;
let known: NodeId;
let nodeIds: NodeId[];
beforeAll(async () => {
  ctx = await openTestContext();
  known = (await addTestNode(ctx, { gpus: 1 })).nodeId;
  nodeIds = [...ids.map((bytes) => makeId("node", bytes)), known];
});
afterAll(() => ctx.close());

test("a node is found among 70,000 that are asked for", async () => {
  expect([...(await nodeNumbersOf(ctx.db, nodeIds)).keys()]).toEqual([known]);
  expect((await nodesByIds(ctx, nodeIds)).map(({ id }) => id)).toEqual([known]);
});

test("70,000 leases and reservations that nobody knows are looked up, and none is found", async () => {
  expect(await leasesByIds(ctx, leaseIds)).toEqual([]);
  expect(await latestEnds(ctx, leaseIds)).toEqual(new Map());
  expect(await sealedLeases(ctx.db, leaseIds)).toEqual(new Set());
  expect((await nextSequence(ctx, leaseIds)).size).toBe(MANY);
  const reservations = ids.map((bytes) => makeId("reservation", bytes));
  expect(await latestEndsOfHolds(ctx.db, reservations)).toEqual(new Map());
  await releaseGpus(ctx.db, leaseIds);
});

test("70,000 backfill reservations are written, and read of 70,000 nodes", async () => {
  const requestId = makeId("request", bytesOf(1));
  const backfills = nodeIds.map((nodeId) => ({ nodeId, requestId, gpus: 1n, fromMs: 1 }));
  await replaceBackfills(ctx.db, backfills);
  expect((await listBackfills(ctx.db, nodeIds)).length).toBe(nodeIds.length);
});
