import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { Crash, dyingAtWrite } from "../../delivery/escrows/testing/crash.ts";
import type { Caller } from "../../platform/http/handlers.ts";
import { openTestContext, type TestContext } from "../../platform/testing/context.ts";
import { HOLD_SECONDS } from "../reservations/model.ts";
import { reconcileReservations } from "../reservations/reconcile.ts";
import { markFunded } from "../reservations/store.ts";
import { cancelRequest } from "./cancel-request.ts";
import { reconcileRequests } from "./reconcile.ts";
import { openTestQueue } from "./testing/queue.ts";

let ctx: TestContext;
let queue: ReturnType<typeof openTestQueue>;
let caller: Caller;
const two = { gpuModel: "a100-40gb", gpuCount: 2 };

beforeAll(async () => {
  ctx = await openTestContext();
  queue = openTestQueue(ctx);
});
afterAll(() => ctx.close());
beforeEach(async () => {
  await queue.clear();
  caller = await queue.engineer();
});

/** Runs `step` in a process that dies at its n-th write; answers whether it died before it had ended. */
async function dies(
  at: number,
  step: (by: typeof queue.requestContext) => Promise<unknown>,
): Promise<boolean> {
  const { ctx: dying, died } = dyingAtWrite(queue.requestContext, at);
  try {
    await step(dying);
  } catch (error) {
    if (!(error instanceof Crash) && !died()) throw error;
  }
  return died();
}

/** What the rows say: reservations by state, and how many leases hold GPUs. */
async function written() {
  const { rows: reservations } = await sql<{
    state: string;
  }>`select state from reservations order by state`.execute(ctx.db);
  const { rows: holds } = await sql`select 1 from gpu_holds where not released`.execute(ctx.db);
  return { reservations: reservations.map(({ state }) => state), holds: holds.length };
}

test("killed at any write while it serves a request, the next run holds its GPUs, once", async () => {
  let at = 0;
  for (let died = true; died; ) {
    await queue.clear();
    caller = await queue.engineer();
    await queue.addNode(1);
    await queue.addNode(1);
    const request = await queue.waitFor(caller, two);
    died = await dies(++at, reconcileRequests);
    await queue.round();
    await queue.round();
    expect(await queue.see(caller, request)).toMatchObject({ state: "held" });
    expect([at, await written()]).toEqual([at, { reservations: ["held"], holds: 2 }]);
    expect(await queue.eventsOf(request)).toEqual(["created", "held"]);
  }
  // Promises, quote, its note, and the move with its event.
  expect(at).toBeGreaterThan(5);
}, 120_000);

test("killed at any write while a hold ends, well or badly, the next run says what became of it, once", async () => {
  for (const end of ["funded", "lapsed"] as const) {
    let at = 0;
    for (let died = true; died; ) {
      await queue.clear();
      caller = await queue.engineer();
      await queue.addNode(1);
      const request = await queue.waitFor(caller, { ...two, gpuCount: 1 }, HOLD_SECONDS);
      await queue.round();
      const { reservationId } = await queue.see(caller, request);
      if (end === "funded" && reservationId !== null) await markFunded(ctx.db, reservationId);
      await queue.pass(HOLD_SECONDS);
      await reconcileReservations(queue.requestContext);
      died = await dies(++at, reconcileRequests);
      await queue.round();
      const state = end === "funded" ? "fulfilled" : "expired";
      expect(await queue.see(caller, request)).toMatchObject({ state });
      expect(await queue.eventsOf(request)).toEqual(["created", "held", state]);
    }
    expect(at).toBeGreaterThan(2);
  }
}, 120_000);

test("killed at any write while it cancels what is held, it is either held still or let go whole", async () => {
  let at = 0;
  for (let died = true; died; ) {
    await queue.clear();
    caller = await queue.engineer();
    await queue.addNode(1);
    const request = await queue.waitFor(caller, { ...two, gpuCount: 1 });
    await queue.round();
    died = await dies(++at, (by) => cancelRequest(by, caller, request.id));
    const { state } = await queue.see(caller, request);
    const held = { reservations: ["held"], holds: 1 };
    const gone = { reservations: ["released"], holds: 0 };
    expect([at, await written()]).toEqual([at, state === "held" ? held : gone]);
    expect(state).toBe(died ? "held" : "cancelled");
  }
  expect(at).toBeGreaterThan(3);
}, 120_000);
