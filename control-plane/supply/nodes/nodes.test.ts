import type { NodeState } from "@ionet/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { signInTestWallet } from "../../platform/accounts/testing/wallet.ts";
import { openTestContext, type TestContext } from "../../platform/testing/context.ts";
import { enrolNode } from "./enrol-node.ts";
import { createEnrolmentToken } from "./enrolment-tokens.ts";
import { listNodes } from "./list-nodes.ts";
import { nextNodeState, nodeChanges, REACHABLE_MS } from "./model.ts";
import { observeNode } from "./observe-node.ts";
import { reconcileNodes } from "./reconcile.ts";
import { findNode } from "./store.ts";
import { addTestNode, enrolmentRequest, makeNodeKey, observationOf } from "./testing/node.ts";

describe("the state that follows", () => {
  const ready = observationOf();
  const node = (state: NodeState, more: object = {}) => ({
    state,
    hardware: ready.hardware,
    terms: ready.terms,
    readiness: ready.readiness,
    lastSeenAtMs: 0,
    holdsLeases: false,
    ...more,
  });
  const preparing = { readiness: { ...ready.readiness, environment: "preparing" as const } };
  test.each([
    ["a new node is verified first", node("enrolled"), 0, "verifying"],
    ["a node that never spoke stays enrolled", node("enrolled", { lastSeenAtMs: null }), 0, "enrolled"],
    ["a ready node is for hire", node("verifying"), 0, "available"],
    ["a node that prepares is not", node("verifying", preparing), 0, "verifying"],
    ["a node without terms is not", node("verifying", { terms: null }), 0, "verifying"],
    [
      "a node without GPUs is not",
      node("verifying", { hardware: { ...ready.hardware, gpus: [] } }),
      0,
      "verifying",
    ],
    [
      "a node whose GPUs can't be read is not",
      node("available", { hardware: { ...ready.hardware, gpus: [], gpuProblem: "driver" } }),
      0,
      "verifying",
    ],
    [
      "a node with a bad GPU is for hire with its good ones",
      node("verifying", { hardware: { ...ready.hardware, gpuProblem: "GPU 1 can't be read" } }),
      0,
      "available",
    ],
    ["a node that takes its terms back is not any more", node("available", { terms: null }), 0, "verifying"],
    ["a node with leases is hired", node("available", { holdsLeases: true }), 0, "hired"],
    ["a node whose leases ended is for hire", node("hired"), 0, "available"],
    ["at thirty seconds it is still there", node("available"), REACHABLE_MS, "available"],
    ["after thirty seconds of silence it is unreachable", node("hired"), REACHABLE_MS + 1, "unreachable"],
    ["one that speaks again is for hire", node("unreachable"), 0, "available"],
    ["a retired node stays so", node("retired"), 0, "retired"],
    ["a draining node stays so", node("draining"), 0, "draining"],
  ] as const)("%s", (_what, given, nowMs, expected) => {
    expect(nextNodeState(given, nowMs)).toBe(expected);
  });

  test("is always one that the table of changes allows", () => {
    for (const from of Object.keys(nodeChanges) as NodeState[]) {
      for (const lastSeenAtMs of [0, -REACHABLE_MS - 1]) {
        for (const more of [{}, preparing, { holdsLeases: true }]) {
          const to = nextNodeState(node(from, { lastSeenAtMs, ...more }), 0);
          expect([from, to, to === from || nodeChanges[from].includes(to)]).toEqual([from, to, true]);
        }
      }
    }
  });
});

describe("rows", () => {
  let ctx: TestContext;
  beforeAll(async () => {
    ctx = await openTestContext();
  });
  afterAll(() => ctx.close());

  const makeToken = async (uses = 1) => {
    const { caller } = await signInTestWallet(ctx);
    const wanted = { supplierKind: "storage-provider", uses, expiresInSeconds: 60 } as const;
    return { caller, ...(await createEnrolmentToken(ctx, caller, wanted)) };
  };

  test("a token enrols as many nodes as it says, also when they come at once", async () => {
    const { token, caller } = await makeToken(3);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 8 }, () => enrolNode(ctx, enrolmentRequest(token))),
    );
    const enrolled = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
    expect(enrolled).toHaveLength(3);
    const codes = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason.code] : []));
    expect(codes).toEqual(Array(5).fill("enrolment-token-invalid"));
    expect(enrolled[0]).toMatchObject({ supplier: caller.wallet, supplierKind: "storage-provider" });
    const { items } = await listNodes(ctx, caller, { limit: 50 });
    expect(items.map(({ id, state }) => [id, state]).sort()).toEqual(
      enrolled.map(({ nodeId }) => [nodeId, "enrolled"]).sort(),
    );
  });

  test("an unknown, a used up and an expired token are refused", async () => {
    const invalid = expect.objectContaining({ code: "enrolment-token-invalid" });
    await expect(enrolNode(ctx, enrolmentRequest("ionet_nonsense"))).rejects.toEqual(invalid);
    const { token } = await makeToken();
    ctx.clock.advance(60_000);
    await expect(enrolNode(ctx, enrolmentRequest(token))).rejects.toEqual(invalid);
  });

  test("a proof by another key is refused and costs no use; so is a key that is enrolled", async () => {
    const { token } = await makeToken(2);
    const forged = { ...enrolmentRequest(token), publicKey: makeNodeKey().publicKey };
    await expect(enrolNode(ctx, forged)).rejects.toMatchObject({ code: "request-signature-invalid" });
    const key = makeNodeKey();
    await enrolNode(ctx, enrolmentRequest(token, key));
    await expect(enrolNode(ctx, enrolmentRequest(token, key))).rejects.toMatchObject({
      code: "node-key-taken",
    });
    await enrolNode(ctx, enrolmentRequest(token));
  });

  test("a node that falls silent becomes unreachable, and is for hire when it speaks again", async () => {
    const { nodeId } = await addTestNode(ctx);
    expect(await findNode(ctx, nodeId)).toMatchObject({ state: "available", terms: { country: "DE" } });
    ctx.clock.advance(REACHABLE_MS + 1);
    await reconcileNodes(ctx);
    await reconcileNodes(ctx);
    expect(await findNode(ctx, nodeId)).toMatchObject({ state: "unreachable" });
    await observeNode(ctx, nodeId, observationOf({ price: 7n }));
    expect(await findNode(ctx, nodeId)).toMatchObject({
      state: "available",
      terms: { priceMicroUsdPerGpuHour: 7n },
    });
  });
});
