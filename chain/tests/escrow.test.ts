import { type Address, generateKeyPairSigner, type KeyPairSigner, lamports } from "@solana/kit";
import { AuthorityType, getSetAuthorityInstruction } from "@solana-program/token";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as ionet from "../index.ts";
import { callLocal, type LocalNetwork, startLocalNetwork } from "./local-network.ts";

const commitment = "confirmed";
let network: LocalNetwork;
let chain: ionet.Chain;
let usdc: Address;
let genesisHash: string;
let authority: KeyPairSigner;
let engineer: KeyPairSigner;
let meter: KeyPairSigner;
let treasury: Address;

async function newWallet(tokens: bigint): Promise<KeyPairSigner> {
  const signer = await generateKeyPairSigner();
  await chain.rpc.requestAirdrop(signer.address, lamports(10n ** 10n)).send();
  if (tokens > 0n) await callLocal(chain, "ionet_requestTokens", [signer.address, usdc, tokens.toString()]);
  return signer;
}

const newAddress = async () => (await generateKeyPairSigner()).address;

beforeAll(async () => {
  authority = await generateKeyPairSigner();
  network = await startLocalNetwork(authority.address);
  ({ chain, usdc } = network);
  genesisHash = await ionet.genesisHash(chain);
  await chain.rpc.requestAirdrop(authority.address, lamports(10n ** 10n)).send();
  engineer = await newWallet(100_000_000n);
  meter = await generateKeyPairSigner();
  treasury = await newAddress();
  const instructions = [
    await ionet.initializeNetworkInstruction({
      ...{ payer: authority, upgradeAuthority: authority, treasury, genesisHash },
      ...{ authority: authority.address, guardian: await newAddress() },
      meters: [meter.address],
      mints: [{ mint: usdc, feeBps: 200 }],
    }),
    await ionet.createTokenAccountInstruction({ payer: authority, wallet: treasury, mint: usdc }),
  ];
  await ionet.send(chain, { payer: authority, instructions, commitment });
});

afterAll(async () => await network.stop());

async function openEscrow(suppliers: readonly Address[], id: bigint): Promise<ionet.EscrowState> {
  const leases = suppliers.map((supplier) => ({ supplier, ratePerHour: 3_600_000n, maxSeconds: 600 }));
  const deposit = 600_000n * BigInt(suppliers.length);
  const open = await ionet.openEscrowInstruction({ engineer, id, mint: usdc, deposit, leases });
  await ionet.send(chain, { payer: engineer, instructions: [open], commitment });
  const escrow = await ionet.readEscrow(chain, await ionet.escrowAddress(engineer.address, id), commitment);
  if (escrow === null) throw new Error("the escrow was not opened");
  return escrow;
}

async function settlement(
  escrow: ionet.EscrowState,
  seconds: readonly number[],
  final: boolean,
  pay: { payLeases?: readonly number[] } = {},
) {
  const leases = seconds.map((value, index) => ({ index, seconds: value }));
  const reading = await ionet.readingBytes({ escrow, genesisHash, final, leases });
  const signature = await ionet.signReading(meter, reading);
  return await ionet.settleInstructions({
    reading,
    signature,
    meter: meter.address,
    escrow,
    treasury,
    ...pay,
  });
}

describe("an escrow through a Solana endpoint", () => {
  it("is opened, settled and closed, and every unit is where it belongs", async () => {
    const suppliers = await Promise.all([newAddress(), newAddress(), newAddress()]);
    const before = (await ionet.tokenBalance(chain, engineer.address, usdc, commitment)) ?? 0n;
    const escrow = await openEscrow(suppliers, 1n);
    const accounts = await Promise.all(
      suppliers.map((wallet) => ionet.createTokenAccountInstruction({ payer: engineer, wallet, mint: usdc })),
    );
    const final = [...accounts, ...(await settlement(escrow, [60, 30, 0], true))];
    const close = await ionet.closeEscrowInstruction({ escrow });
    const { slot } = await ionet.send(chain, {
      payer: engineer,
      instructions: [...final, close],
      commitment,
    });
    expect(slot).toBeGreaterThan(escrow.openedSlot);
    expect(await ionet.readEscrow(chain, escrow.address, commitment)).toBeNull();
    const balances = await Promise.all(
      [...suppliers, treasury].map((wallet) => ionet.tokenBalance(chain, wallet, usdc, commitment)),
    );
    expect(balances).toEqual([58_800n, 29_400n, 0n, 1_800n]);
    expect(await ionet.tokenBalance(chain, engineer.address, usdc, commitment)).toBe(before - 90_000n);
  });

  it("of fifty leases opens and settles in one transaction each", async () => {
    const suppliers = await Promise.all(Array.from({ length: 50 }, newAddress));
    const escrow = await openEscrow(suppliers, 2n);
    expect(escrow.leases.map(({ supplier }) => supplier)).toEqual(suppliers);
    const instructions = await settlement(
      escrow,
      suppliers.map(() => 60),
      false,
    );
    await ionet.send(chain, { payer: engineer, instructions, commitment });
    const settled = await ionet.readEscrow(chain, escrow.address, commitment);
    // No supplier has a token account yet: all is booked, the fee is paid, the rest waits.
    expect(settled).toMatchObject({ paid: 0n, fees: 60_000n, feesEarned: 60_000n });
    expect(settled?.leases.every(({ seconds, gross }) => seconds === 60 && gross === 60_000n)).toBe(true);
  });

  it("pays the others when a supplier gave its token account away", async () => {
    const [honest, strange, newcomer] = [await newWallet(1n), await newWallet(1n), await newAddress()];
    const escrow = await openEscrow([strange.address, honest.address, newcomer], 6n);
    const giveAway = getSetAuthorityInstruction({
      owned: await ionet.tokenAccountOf(strange.address, usdc),
      owner: strange,
      authorityType: AuthorityType.AccountOwner,
      newAuthority: newcomer,
    });
    await ionet.send(chain, { payer: strange, instructions: [giveAway], commitment });
    const all = await settlement(escrow, [60, 60, 60], false);
    await expect(ionet.send(chain, { payer: engineer, instructions: all, commitment })).rejects.toMatchObject(
      { programErrorName: "WrongDestination" },
    );
    const payLeases = await ionet.payableLeases(chain, escrow, commitment);
    expect(payLeases).toEqual([1]);
    const some = await settlement(escrow, [60, 60, 60], false, { payLeases });
    await ionet.send(chain, { payer: engineer, instructions: some, commitment });
    expect(await ionet.tokenBalance(chain, honest.address, usdc, commitment)).toBe(58_801n);
    expect(await ionet.readEscrow(chain, escrow.address, commitment)).toMatchObject({ paid: 58_800n });
  });

  it("is not settled by a reading with a false signature", async () => {
    const escrow = await openEscrow([await newAddress()], 3n);
    const [verification, settle] = await settlement(escrow, [60], false);
    if (verification?.data === undefined || settle === undefined)
      throw new Error("two instructions are needed");
    const data = new Uint8Array(verification.data);
    data[48] = (data[48] ?? 0) ^ 1;
    const sending = ionet.send(chain, {
      payer: engineer,
      instructions: [{ ...verification, data }, settle],
      commitment,
    });
    await expect(sending).rejects.toMatchObject({ code: "simulation-failed" });
    expect(await ionet.readEscrow(chain, escrow.address, commitment)).toEqual(escrow);
  });

  it("is refused in the program's own words when it is funded too little", async () => {
    const leases = [{ supplier: await newAddress(), ratePerHour: 3_600_000n, maxSeconds: 600 }];
    const open = await ionet.openEscrowInstruction({
      engineer,
      id: 4n,
      mint: usdc,
      deposit: 599_999n,
      leases,
    });
    await expect(
      ionet.send(chain, { payer: engineer, instructions: [open], commitment }),
    ).rejects.toMatchObject({
      code: "program-error",
      programErrorName: "FundingTooLittle",
      message: expect.stringContaining("The deposit does not cover every lease to its last second"),
    });
  });

  it("is refused when the wallet has too few tokens or no lamports, and the error says which", async () => {
    const poor = await newWallet(5n);
    const leases = [{ supplier: await newAddress(), ratePerHour: 3_600_000n, maxSeconds: 600 }];
    const terms = { id: 5n, mint: usdc, deposit: 600_000n, leases };
    const open = await ionet.openEscrowInstruction({ engineer: poor, ...terms });
    await expect(ionet.send(chain, { payer: poor, instructions: [open], commitment })).rejects.toMatchObject({
      code: "insufficient-funds",
      message: expect.stringContaining("insufficient funds"),
    });
    const broke = await generateKeyPairSigner();
    const other = await ionet.openEscrowInstruction({ engineer: broke, ...terms });
    await expect(
      ionet.send(chain, { payer: broke, instructions: [other], commitment }),
    ).rejects.toMatchObject({
      code: "insufficient-funds",
      message: expect.stringContaining("lamports"),
    });
  });

  it("shows the network's parameters", async () => {
    expect(await ionet.readNetwork(chain, commitment)).toMatchObject({
      ...{ treasury, paused: false, minimumSeconds: 60, releaseAfterSeconds: 86_400 },
      meters: [meter.address],
      mints: [{ mint: usdc, feeBps: 200, decimals: 6 }],
      chainTag: ionet.chainTag(genesisHash),
    });
  });
});
