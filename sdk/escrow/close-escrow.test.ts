import { releasedAt } from "@ionet/chain";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeEscrow } from "./close-escrow.ts";
import { collectByReading } from "./collect.ts";
import { lookAtEscrow } from "./look-at-escrow.ts";
import { stopEscrow } from "./stop-escrow.ts";
import { type EscrowWorld, MAX_SECONDS, net, startEscrowWorld } from "./testing/escrow.ts";

const DAY = 86_400;
let world: EscrowWorld;
beforeAll(async () => {
  world = await startEscrowWorld();
});
afterAll(() => world.stop());

test("a stranger closes an escrow 24 hours after its last second: what was collected is paid, the rest is the engineer's", async () => {
  const { chain, engineer } = world;
  const [supplier, stranger] = [await world.wallet(), await world.wallet()];
  const before = await world.balance(engineer.address);
  const { address: at, openedAt } = await world.open([supplier.address, supplier.address]);
  expect(await lookAtEscrow(chain, at)).toMatchObject({
    ...{ owed: 0n, stillToEarn: 1_200_000n, refundable: 1_200_000n, decimals: 6 },
    closableAt: openedAt + MAX_SECONDS + DAY,
  });
  await expect(closeEscrow(chain, stranger, at)).rejects.toMatchObject({
    code: "too-early",
    input: {
      allowed: expect.stringContaining(new Date((openedAt + MAX_SECONDS + DAY) * 1000).toISOString()),
    },
  });
  const escrow = await world.read({ address: at });
  if (escrow === null) throw new Error("closed too early");
  await collectByReading(chain, supplier, await world.readingFile(escrow, [60, 30]));
  await world.advance(MAX_SECONDS + DAY + 60);
  const closed = await closeEscrow(chain, stranger, at);
  expect(closed).toMatchObject({
    outcome: "closed",
    refunded: 1_200_000n - 90_000n,
    waiting: 0n,
    decimals: 6,
  });
  expect(await world.read({ address: at })).toBeNull();
  expect(await world.balance(engineer.address)).toBe(before - 90_000n);
  expect(await world.balance(supplier.address)).toBe(net(60n) + net(30n));
  await expect(closeEscrow(chain, stranger, at)).rejects.toMatchObject({ code: "not-found" });
  // What was paid stays paid: the same reading finds nothing.
  expect(await collectByReading(chain, supplier, await world.readingFile(escrow, [60, 30]))).toMatchObject({
    outcome: "nothing-left",
    mint: null,
  });
});

test("the engineer's own stop returns at once what nobody can have earned; a final reading lets anybody close", async () => {
  const { chain, engineer } = world;
  const supplier = await world.wallet();
  const escrow = await world.open([supplier.address]);
  await expect(stopEscrow(chain, supplier, escrow.address)).rejects.toMatchObject({ code: "forbidden" });
  const stopped = await stopEscrow(chain, engineer, escrow.address);
  // The minimum bill stays.
  expect(stopped).toMatchObject({ outcome: "stopped", refunded: 540_000n, held: 60_000n });
  const after = await world.read(escrow);
  expect(after?.status).toBe("stopped");
  expect(stopped.closableAt).toBe(after === null ? 0 : releasedAt(after));
  expect(await stopEscrow(chain, engineer, escrow.address)).toMatchObject({
    outcome: "was-stopped",
    held: 60_000n,
  });
  const final = await world.readingFile(escrow, [20], { final: true });
  expect(await collectByReading(chain, supplier, final)).toMatchObject({ outcome: "paid", paid: net(20n) });
  expect(await closeEscrow(chain, supplier, escrow.address)).toMatchObject({
    outcome: "closed",
    refunded: 40_000n,
  });
});

test("closing leaves what is owed to a supplier in the escrow until it collects", async () => {
  const { chain } = world;
  const [own, late] = [await world.wallet(), await world.wallet()];
  const escrow = await world.open([own.address, late.address]);
  const final = await world.readingFile(escrow, [60, 60], { final: true });
  await collectByReading(chain, own, final);
  expect(await closeEscrow(chain, own, escrow.address)).toMatchObject({
    outcome: "refunded",
    waiting: net(60n),
  });
  expect(await closeEscrow(chain, own, escrow.address)).toMatchObject({
    outcome: "nothing-left",
    signature: null,
  });
  expect(await collectByReading(chain, late, final)).toMatchObject({ outcome: "paid", paid: net(60n) });
  expect(await closeEscrow(chain, own, escrow.address)).toMatchObject({ outcome: "closed", refunded: 0n });
});
