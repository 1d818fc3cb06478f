import { escrowAddress, NATIVE_SOL, openEscrowInstruction, send } from "@ionet/chain";
import { afterAll, beforeAll, expect, test } from "vitest";
import { stopEscrow } from "./stop-escrow.ts";
import { type EscrowWorld, MAX_SECONDS, RATE, startEscrowWorld } from "./test-escrow.ts";
import { type TopUpPlan, topUpEscrows } from "./top-up.ts";

let world: EscrowWorld;
beforeAll(async () => {
  world = await startEscrowWorld();
});
afterAll(() => world.stop());

test("anybody pays for more time of several escrows in one transaction, after seeing what it costs", async () => {
  const { chain } = world;
  const [supplier, patron] = [await world.wallet(), await world.wallet()];
  const [one, two] = [
    await world.open([supplier.address, supplier.address]),
    await world.open([supplier.address]),
  ];
  const parts = [{ escrow: one.address }, { escrow: two.address }];
  const cost = 3n * RATE;
  await expect(topUpEscrows(chain, patron, parts, { seconds: 3600 })).rejects.toMatchObject({
    code: "wallet-cannot-pay",
    input: { given: "0.00", allowed: expect.stringContaining("at least 10.80") },
  });
  await world.call("ionet_requestTokens", [patron.address, world.usdc, cost.toString()]);
  await expect.poll(() => world.balance(patron.address)).toBe(cost);
  const shown: TopUpPlan[] = [];
  const approve = (yes: boolean) => (plan: TopUpPlan) => {
    shown.push(plan);
    return yes;
  };
  expect(await topUpEscrows(chain, patron, parts, { seconds: 3600, approve: approve(false) })).toBeNull();
  expect((await world.read(one))?.deposited).toBe(one.deposited);
  const done = await topUpEscrows(chain, patron, parts, { seconds: 3600, approve: approve(true) });
  expect(done).toMatchObject({ cost, leases: 3, decimals: 6, signature: expect.any(String) });
  expect(shown).toHaveLength(2);
  expect(shown[1]).toMatchObject({ cost, endsAt: one.openedAt + MAX_SECONDS + 3600 });
  const after = await world.read(one);
  expect(after?.leases.map(({ maxSeconds }) => maxSeconds)).toEqual([4200, 4200]);
  expect(after?.deposited).toBe(one.deposited + 2n * RATE);
  expect(await world.balance(patron.address)).toBe(0n);
});

test("only what still runs is extended: neither a lease that was left out nor an escrow that was stopped", async () => {
  const { chain, engineer } = world;
  const supplier = await world.wallet();
  const escrow = await world.open([supplier.address, supplier.address]);
  const part = { escrow: escrow.address, leases: [1] };
  expect(await topUpEscrows(chain, engineer, [part], { seconds: 60 })).toMatchObject({
    leases: 1,
    cost: 60_000n,
  });
  expect((await world.read(escrow))?.leases.map(({ maxSeconds }) => maxSeconds)).toEqual([600, 660]);
  await stopEscrow(chain, engineer, escrow.address);
  await expect(topUpEscrows(chain, engineer, [part], { seconds: 60 })).rejects.toMatchObject({
    code: "cluster-not-running",
  });
});

test("SOL's rates hold for 24 hours of lease time: a top-up beyond is refused with what is left, nothing is sent", async () => {
  const { chain, engineer } = world;
  const supplier = await world.wallet();
  const leases = [{ supplier: supplier.address, ratePerHour: RATE, maxSeconds: 86_000 }];
  const deposit = (RATE * 86_000n) / 3600n;
  const open = await openEscrowInstruction({ engineer, id: 900n, mint: NATIVE_SOL, deposit, leases });
  await send(chain, { payer: engineer, instructions: [open], commitment: "confirmed" });
  const escrow = await escrowAddress(engineer.address, 900n);
  await expect(topUpEscrows(chain, engineer, [{ escrow }], { seconds: 3600 })).rejects.toMatchObject({
    code: "rate-expired",
    input: { allowed: "at most 400 s more" },
  });
  expect(await topUpEscrows(chain, engineer, [{ escrow }], { seconds: 400 })).toMatchObject({
    ...{ cost: 400_000n, decimals: 9, mint: NATIVE_SOL },
  });
  await expect(topUpEscrows(chain, engineer, [{ escrow }], { seconds: 1 })).rejects.toMatchObject({
    input: { allowed: expect.stringContaining("none") },
  });
});
