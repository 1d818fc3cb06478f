import { createServer } from "node:http";
import {
  ESCROW_PROGRAM,
  type EscrowState,
  escrowAddress,
  genesisHash,
  NATIVE_SOL,
  openEscrowInstruction,
  send,
} from "@ionet/chain";
import { makeId } from "@ionet/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createIonet } from "../client.ts";
import { stopEscrow } from "./stop-escrow.ts";
import { type EscrowWorld, MAX_SECONDS, RATE, startEscrowWorld } from "./testing/escrow.ts";
import { type TopUpPlan, topUp, topUpEscrows } from "./top-up.ts";

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

test("beyond what a supplier offered nothing is paid: refused with what is left", async () => {
  const { chain, engineer } = world;
  const supplier = await world.wallet();
  const escrow = await world.open([supplier.address, supplier.address]);
  const part = { escrow: escrow.address, latestSeconds: new Map([[1, 700]]) };
  const asked: TopUpPlan[] = [];
  const approve = (plan: TopUpPlan) => asked.push(plan) > 0;
  await expect(topUpEscrows(chain, engineer, [part], { seconds: 101, approve })).rejects.toMatchObject({
    code: "top-up-beyond-terms",
    input: { field: "seconds", given: "101 s more", allowed: "at most 100 s more" },
  });
  expect(asked).toEqual([]);
  expect((await world.read(escrow))?.deposited).toBe(escrow.deposited);
  expect(await topUpEscrows(chain, engineer, [part], { seconds: 100, approve })).toMatchObject({ leases: 2 });
  await expect(topUpEscrows(chain, engineer, [part], { seconds: 1 })).rejects.toMatchObject({
    input: { allowed: expect.stringContaining("none"), next: expect.stringContaining("ionet rent") },
  });
});

/** A control plane that knows one cluster, of one lease that this escrow pays. */
async function knowing(escrow: EscrowState, latestSeconds?: number) {
  const { chain, treasury } = world;
  const clusterId = makeId("cluster", new Uint8Array(20));
  const [lease] = escrow.leases;
  if (lease === undefined) throw new Error("an escrow has a lease");
  const cluster = {
    ...{ id: clusterId, state: "ready", reason: null, currency: "USDC", escrows: [escrow.address] },
    ...{ jobsAddress: "http://127.0.0.1", events: [] },
    ...{ createdAt: "2026-01-01T00:00:00.000Z", readyAt: null },
    leases: [
      {
        ...{ id: makeId("lease", new Uint8Array(20)), index: 0, escrow: escrow.address, escrowIndex: 0 },
        ...{ nodeId: makeId("node", new Uint8Array(20)), role: "head", supplier: lease.supplier },
        ...{ supplierKind: "miner", country: "DE", gpuModel: "a100-40gb", gpus: [0], simulated: true },
        ...{ ratePerHour: lease.ratePerHour.toString(), maxSeconds: lease.maxSeconds, phase: "joined" },
        ...{ reason: null, deliveredSeconds: 0, billedSeconds: 0, interruptible: false, reclaimAt: null },
        ...(latestSeconds === undefined ? {} : { latestSeconds }),
      },
    ],
  };
  const network = {
    ...{ version: "1", escrowProgram: ESCROW_PROGRAM, treasury, currencies: [], rayVersion: "2" },
    chain: { genesisHash: await genesisHash(chain), rpcUrl: "http://127.0.0.1:9", wsUrl: "ws://127.0.0.1:9" },
    ...{ holdSeconds: 90, minimumSeconds: 60 },
  };
  const server = createServer((request, response) => {
    const answer = request.url?.includes(clusterId) ? cluster : network;
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const at = server.address();
  if (at === null || typeof at === "string") throw new Error("no port");
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return { ionet: createIonet({ url: `http://127.0.0.1:${at.port}` }), clusterId, close };
}

test("of a cluster the control plane says how long its suppliers offer; one that says nothing limits nothing", async () => {
  const { chain, engineer } = world;
  const supplier = await world.wallet();
  const escrow = await world.open([supplier.address]);
  const told = await knowing(escrow, MAX_SECONDS + 50);
  await expect(topUp(told.ionet, engineer, told.clusterId, { seconds: 51, chain })).rejects.toMatchObject({
    code: "top-up-beyond-terms",
    input: { allowed: "at most 50 s more" },
  });
  expect((await world.read(escrow))?.deposited).toBe(escrow.deposited);
  await told.close();
  const old = await knowing(escrow);
  expect(await topUp(old.ionet, engineer, old.clusterId, { seconds: 51, chain })).toMatchObject({
    leases: 1,
  });
  await old.close();
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
