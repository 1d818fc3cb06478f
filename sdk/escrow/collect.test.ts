import { tokenAccountOf } from "@ionet/chain";
import { type Address, generateKeyPairSigner, type KeyPairSigner } from "@solana/kit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { collectBooked, collectByReading } from "./collect.ts";
import { callLocal, type EscrowWorld, net, startEscrowWorld } from "./testing/escrow.ts";

let world: EscrowWorld;
beforeAll(async () => {
  world = await startEscrowWorld();
});
afterAll(() => world.stop());

const giveAccount = (wallet: Address) =>
  callLocal(world.chain.url, "ionet_requestTokens", [wallet, world.usdc, "1"]);
const collect = (wallet: KeyPairSigner, file: string, destination?: Address) =>
  collectByReading(world.chain, wallet, file, destination ? { destination } : {});

describe("a supplier alone", () => {
  it("is paid what its reading has earned, once, into a token account that it makes, and the others with it", async () => {
    const [own, other, without] = [await world.wallet(), await world.wallet(), await world.wallet()];
    await giveAccount(other.address);
    const escrow = await world.open([own.address, other.address, without.address, own.address]);
    const file = await world.readingFile(escrow, [40, 30, 20, 10]);
    const first = await collect(own, file);
    expect(first).toMatchObject({
      ...{ outcome: "paid", reading: "applied", paid: net(50n), paidToOthers: net(30n), waiting: 0n },
      ...{
        rentLamports: 2_039_280n,
        feeLamports: 10_000n,
        destination: await tokenAccountOf(own.address, world.usdc),
      },
    });
    expect(await world.balance(own.address)).toBe(net(50n));
    const second = await collect(own, file);
    expect(second).toMatchObject({ outcome: "nothing-left", paid: 0n, signature: null });
    expect(await world.balance(own.address)).toBe(net(50n));
    // Booked by the first collection, taken by the one whose account was missing.
    expect(await collectBooked(world.chain, without, escrow.address)).toMatchObject({
      outcome: "paid",
      reading: "none",
      paid: net(20n),
    });
  });

  it("with a frozen account has its seconds booked, and collects to another account", async () => {
    const [frozen, friend] = [await world.wallet(), await world.wallet()];
    for (const { address } of [frozen, friend]) await giveAccount(address);
    await callLocal(world.chain.url, "ionet_freezeAccount", [
      await tokenAccountOf(frozen.address, world.usdc),
    ]);
    const escrow = await world.open([frozen.address]);
    const file = await world.readingFile(escrow, [60]);
    expect(await collect(frozen, file)).toMatchObject({
      outcome: "waiting",
      waiting: net(60n),
      reading: "applied",
    });
    expect((await world.read(escrow))?.leases[0]).toMatchObject({ seconds: 60, paid: 0n });
    expect(await collect(frozen, file)).toMatchObject({ outcome: "waiting", signature: null });
    await expect(collect(frozen, file, friend.address)).rejects.toMatchObject({
      code: "account-unavailable",
      input: { field: "destination" },
    });
    const destination = await tokenAccountOf(friend.address, world.usdc);
    expect(await collect(frozen, file, destination)).toMatchObject({
      outcome: "paid",
      paid: net(60n),
      destination,
    });
    expect(await world.balance(friend.address)).toBe(net(60n) + 1n);
  });

  it("without lamports is told what it needs, and nothing is booked", async () => {
    const poor = await generateKeyPairSigner();
    const escrow = await world.open([poor.address]);
    await expect(collect(poor, await world.readingFile(escrow, [60]))).rejects.toMatchObject({
      code: "wallet-lacks-lamports",
      input: { given: `${poor.address} holds 0.00 SOL` },
    });
    expect((await world.read(escrow))?.leases[0]).toMatchObject({ seconds: 0 });
  });

  it("is paid no second that has not passed, whatever the reading says", async () => {
    const own = await world.wallet();
    const escrow = await world.open([own.address]);
    // The minimum bill counts as elapsed from the start.
    expect(await collect(own, await world.readingFile(escrow, [599]))).toMatchObject({ paid: net(60n) });
  });
});

describe("a reading that is not for this escrow pays nothing", () => {
  const refused: [name: string, field: string, code: string, change: (file: Kept) => Kept | string][] = [
    ["no JSON", "file", "reading-unusable", () => "once upon a time"],
    ["without its signature", "signature", "reading-unusable", ({ signature: _, ...rest }) => rest],
    ["of another escrow's name", "escrow", "reading-unusable", (file) => ({ ...file, escrow: file.meter })],
    ["cut short", "reading", "reading-unusable", (file) => ({ ...file, reading: file.reading.slice(0, 40) })],
    [
      "with seconds written up",
      "signature",
      "reading-unusable",
      (file) => ({ ...file, reading: more(file.reading) }),
    ],
  ];
  type Kept = { escrow: string; meter: string; reading: string; signature?: string };
  const more = (reading: string) => {
    const bytes = Buffer.from(reading, "base64");
    bytes.writeUInt32LE(500, bytes.length - 4);
    return bytes.toString("base64");
  };

  it.each(refused)("%s", async (_name, field, code, change) => {
    const own = await world.wallet();
    const escrow = await world.open([own.address]);
    const changed = change(JSON.parse(await world.readingFile(escrow, [60])));
    const file = typeof changed === "string" ? changed : JSON.stringify(changed);
    await expect(collect(own, file)).rejects.toMatchObject({ code, input: { field } });
    expect((await world.read(escrow))?.leases[0]).toMatchObject({ seconds: 0 });
  });

  it("of another chain, an earlier opening, an unknown meter, another supplier", async () => {
    const own = await world.wallet();
    const escrow = await world.open([own.address]);
    const other = await world.readingFile(escrow, [60], { genesis: own.address });
    await expect(collect(own, other)).rejects.toMatchObject({
      code: "wrong-network",
      input: { field: "chain" },
    });
    const earlier = { ...escrow, openedSlot: escrow.openedSlot - 1n };
    await expect(collect(own, await world.readingFile(earlier, [60]))).rejects.toMatchObject({
      code: "reading-unusable",
      input: { field: "openedSlot" },
    });
    const unknown = await world.readingFile(escrow, [60], { meter: own });
    await expect(collect(own, unknown)).rejects.toMatchObject({
      code: "reading-unusable",
      input: { field: "meter" },
    });
    const stranger = await world.wallet();
    await expect(collect(stranger, await world.readingFile(escrow, [60]))).rejects.toMatchObject({
      code: "forbidden",
      input: { allowed: own.address },
    });
    expect((await world.read(escrow))?.leases[0]).toMatchObject({ seconds: 0 });
  });
});
