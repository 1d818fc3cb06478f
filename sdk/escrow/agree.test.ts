import type { KeyPairSigner } from "@solana/kit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { acceptAgreement, proposeAgreement } from "./agree.ts";
import { type EscrowWorld, net, startEscrowWorld } from "./testing/escrow.ts";

let world: EscrowWorld;
let supplier: KeyPairSigner;
beforeAll(async () => {
  world = await startEscrowWorld();
  supplier = await world.wallet();
});
afterAll(() => world.stop());

const yes = () => true;

test("what one side proposes the other sees, signs and sends, days later: the supplier is paid without a meter", async () => {
  const { chain, engineer } = world;
  const { address: escrow } = await world.open([supplier.address]);
  const proposed = await proposeAgreement(chain, supplier, { escrow, lease: 0, seconds: 45 });
  expect(proposed).toMatchObject({ pays: net(45n), fee: 900n, supplier: supplier.address, secondsBefore: 0 });
  // No blockhash lives that long.
  await world.advance(3 * 86_400);
  const shown: unknown[] = [];
  const accepted = await acceptAgreement(chain, engineer, proposed.file, (terms) => {
    shown.push(terms);
    return true;
  });
  expect(shown).toMatchObject([{ pays: net(45n), lease: 0, seconds: 45, engineer: engineer.address }]);
  expect(accepted).toMatchObject({ pays: net(45n), signature: expect.any(String) });
  // Its missing token account was made with it.
  expect(await world.balance(supplier.address)).toBe(net(45n));
  await expect(acceptAgreement(chain, engineer, proposed.file, yes)).rejects.toMatchObject({
    code: "invalid-request",
    input: { field: "nonce" },
  });
  expect(await world.balance(supplier.address)).toBe(net(45n));
});

test("a no sends nothing, and a newer proposal voids the one before", async () => {
  const { chain, engineer } = world;
  const { address: escrow } = await world.open([supplier.address]);
  const first = await proposeAgreement(chain, engineer, { escrow, lease: 0, seconds: 50 });
  expect(await acceptAgreement(chain, supplier, first.file, () => false)).toBeNull();
  const second = await proposeAgreement(chain, engineer, { escrow, lease: 0, seconds: 20 });
  expect(second.rentLamports).toBe(0n);
  await expect(acceptAgreement(chain, supplier, first.file, yes)).rejects.toMatchObject({
    input: { field: "nonce" },
  });
  expect(await acceptAgreement(chain, supplier, second.file, yes)).toMatchObject({ pays: net(20n) });
  expect((await world.read({ address: escrow }))?.leases[0]).toMatchObject({ seconds: 20, paid: net(20n) });
});

test("terms that the escrow would refuse, other signers and changed files are refused before anything is signed", async () => {
  const { chain, engineer } = world;
  const { address: escrow } = await world.open([supplier.address]);
  const stranger = await world.wallet();
  const propose = (by: KeyPairSigner, change: { lease?: number; seconds?: number }) =>
    proposeAgreement(chain, by, { escrow, lease: 0, seconds: 30, ...change });
  await expect(propose(engineer, { seconds: 599 })).rejects.toMatchObject({
    input: { field: "seconds", allowed: expect.stringMatching(/^0 .* to 6\d/) },
  });
  await expect(propose(engineer, { lease: 1 })).rejects.toMatchObject({
    input: { field: "lease", allowed: expect.stringContaining("0 to 0") },
  });
  await expect(propose(stranger, {})).rejects.toMatchObject({ code: "forbidden" });
  const { file } = await propose(engineer, {});
  await expect(acceptAgreement(chain, stranger, file, yes)).rejects.toMatchObject({
    code: "forbidden",
    input: { allowed: supplier.address },
  });
  const more = JSON.stringify({ ...JSON.parse(file), seconds: 55 });
  await expect(acceptAgreement(chain, supplier, more, yes)).rejects.toMatchObject({
    input: { field: "signature" },
  });
  await expect(acceptAgreement(chain, supplier, "{}", yes)).rejects.toMatchObject({
    input: { field: "kind" },
  });
  expect((await world.read({ address: escrow }))?.leases[0]).toMatchObject({ seconds: 0 });
});
