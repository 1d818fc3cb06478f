import {
  type Address,
  generateKeyPairSigner,
  type Instruction,
  type KeyPairSigner,
  lamports,
} from "@solana/kit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as ionet from "../index.ts";
import { callLocal, type LocalNetwork, startLocalNetwork } from "./local-network.ts";

const commitment = "confirmed";
const RATE = 3_600_000n;
let network: LocalNetwork;
let chain: ionet.Chain;
let usdc: Address;
let genesisHash: string;
let authority: KeyPairSigner;
let engineer: KeyPairSigner;
let supplier: KeyPairSigner;
let meter: KeyPairSigner;
let treasury: Address;

async function newWallet(tokens = 0n): Promise<KeyPairSigner> {
  const signer = await generateKeyPairSigner();
  await chain.rpc.requestAirdrop(signer.address, lamports(10n ** 10n)).send();
  if (tokens > 0n) await callLocal(chain, "ionet_requestTokens", [signer.address, usdc, tokens.toString()]);
  return signer;
}
const send = (payer: KeyPairSigner, ...instructions: Instruction[]) =>
  ionet.send(chain, { payer, instructions, commitment });
const lamportsOf = async (wallet: Address) =>
  (await chain.rpc.getBalance(wallet, { commitment }).send()).value;

beforeAll(async () => {
  authority = await generateKeyPairSigner();
  network = await startLocalNetwork(authority.address);
  ({ chain, usdc } = network);
  genesisHash = await ionet.genesisHash(chain);
  await chain.rpc.requestAirdrop(authority.address, lamports(10n ** 10n)).send();
  engineer = await newWallet(10n ** 9n);
  supplier = await newWallet(1n);
  meter = await generateKeyPairSigner();
  treasury = (await newWallet(1n)).address;
  await send(
    authority,
    await ionet.initializeNetworkInstruction({
      ...{
        payer: authority,
        upgradeAuthority: authority,
        authority: authority.address,
        treasury,
        genesisHash,
      },
      ...{ guardian: authority.address, meters: [meter.address] },
      mints: [
        { mint: usdc, feeBps: 200 },
        { mint: ionet.NATIVE_SOL, feeBps: 200 },
      ],
    }),
  );
});
afterAll(async () => await network.stop());

let nextId = 1n;
async function open(suppliers: readonly Address[], change: Partial<ionet.OpenEscrow> = {}) {
  const id = nextId++;
  const leases = suppliers.map((wallet) => ({ supplier: wallet, ratePerHour: RATE, maxSeconds: 600 }));
  const deposit = 600_000n * BigInt(suppliers.length);
  const terms = { engineer, id, mint: usdc, deposit, leases, ...change };
  await send(engineer, await ionet.openEscrowInstruction(terms));
  return await read(await ionet.escrowAddress(engineer.address, id));
}
async function read(at: Address): Promise<ionet.EscrowState> {
  const escrow = await ionet.readEscrow(chain, at, commitment);
  if (escrow === null) throw new Error("there is no escrow");
  return escrow;
}
async function settlement(escrow: ionet.EscrowState, seconds: readonly number[], final = false) {
  const leases = seconds.map((value, index) => ({ index, seconds: value }));
  const reading = await ionet.readingBytes({ escrow, genesisHash, final, leases });
  const signature = await ionet.signReading(meter, reading);
  return await ionet.settleInstructions({ reading, signature, meter: meter.address, escrow, treasury });
}

describe("every way to pay, through a Solana endpoint", () => {
  it("in SOL: wallets are paid directly, and rest and rent come back", async () => {
    const before = await lamportsOf(supplier.address);
    const escrow = await open([supplier.address], { mint: ionet.NATIVE_SOL });
    expect(escrow).toMatchObject({ mint: ionet.NATIVE_SOL, vault: escrow.address, rateValidSeconds: 86_400 });
    const close = await ionet.closeEscrowInstruction({ escrow });
    await send(engineer, ...(await settlement(escrow, [60], true)), close);
    expect(await lamportsOf(supplier.address)).toBe(before + 58_800n);
    expect(await lamportsOf(escrow.address)).toBe(0n);
  });

  it("topped up, a lease replaced, agreed without a meter, stopped, collected, released", async () => {
    const [delegate, newcomer] = [await newWallet(), await newWallet()];
    let escrow = await open([supplier.address], { delegate: delegate.address });
    const topUp = {
      payer: engineer,
      escrow,
      seconds: 600,
      amount: ionet.topUpCost({ escrow, seconds: 600 }),
    };
    await send(engineer, await ionet.topUpInstruction(topUp));
    escrow = await read(escrow.address);
    expect(escrow).toMatchObject({ deposited: 1_200_000n, spareLeases: 1 });
    await send(
      delegate,
      await ionet.registerSupplierInstruction({ payer: delegate, wallet: newcomer }),
      ionet.endLeaseInstruction({ signer: delegate, escrow, lease: 0 }),
      await ionet.replaceLeaseInstruction({
        ...{ delegate, escrow, lease: 0, supplier: newcomer.address, ratePerHour: RATE, maxSeconds: 1_140 },
      }),
    );
    escrow = await read(escrow.address);
    expect(escrow.leases[1]).toMatchObject({ supplier: newcomer.address, maxSeconds: 1_140 });
    const agreed = { engineer, supplier: newcomer, escrow, lease: 1, seconds: 60, treasury };
    await send(engineer, await ionet.settleAgreedInstruction(agreed));
    await send(engineer, await ionet.stopInstruction({ engineer, escrow }));
    escrow = await read(escrow.address);
    expect(escrow).toMatchObject({ status: "stopped", refunded: 1_080_000n, fees: 1_200n, paid: 0n });
    const own = await ionet.tokenBalance(chain, supplier.address, usdc, commitment);
    const destination = await ionet.tokenAccountOf(supplier.address, usdc);
    await send(newcomer, await ionet.collectInstruction({ wallet: newcomer, escrow, destination }));
    expect(await ionet.tokenBalance(chain, supplier.address, usdc, commitment)).toBe((own ?? 0n) + 58_800n);
    await send(
      engineer,
      ...(await settlement(escrow, [0, 60], true)),
      await ionet.closeEscrowInstruction({ escrow }),
    );
    expect(await ionet.readEscrow(chain, escrow.address, commitment)).toBeNull();
  });

  it("fifty suppliers in one v0 transaction, by a lookup table", async () => {
    const wallets = await Promise.all(
      Array.from({ length: 50 }, async () => (await generateKeyPairSigner()).address),
    );
    const escrow = await open(wallets);
    const accounts = await Promise.all(wallets.map((wallet) => ionet.tokenAccountOf(wallet, usdc)));
    for (let at = 0; at < wallets.length; at += 10) {
      const missing = wallets
        .slice(at, at + 10)
        .map((wallet) => ionet.createTokenAccountInstruction({ payer: engineer, wallet, mint: usdc }));
      await send(engineer, ...(await Promise.all(missing)));
    }
    const recentSlot = await chain.rpc.getSlot({ commitment: "finalized" }).send();
    const { table, batches } = await ionet.createLookupTable({
      owner: engineer,
      recentSlot,
      addresses: accounts,
    });
    for (const batch of batches) await send(engineer, ...batch);
    const instructions = await settlement(
      escrow,
      wallets.map(() => 60),
    );
    const { signature } = await ionet.send(chain, {
      ...{ payer: engineer, instructions, commitment, lookupTables: { [table]: accounts } },
    });
    const landed = await chain.rpc
      .getTransaction(signature, { commitment, encoding: "base64", maxSupportedTransactionVersion: 0 })
      .send();
    expect(landed?.version).toBe(0);
    expect(await read(escrow.address)).toMatchObject({ paid: 50n * 58_800n, fees: 60_000n });
  });

  it("told what the network proposes, and when", async () => {
    const parameters = {
      ...{ authority: authority.address, guardian: authority.address, treasury, meters: [meter.address] },
      mints: [{ mint: usdc, feeBps: 100 }],
    };
    await send(authority, await ionet.proposeParametersInstruction({ authority, parameters }));
    const state = await ionet.readNetwork(chain, commitment);
    expect(state?.proposed?.parameters.mints).toMatchObject([{ mint: usdc, feeBps: 100 }]);
    await expect(send(authority, await ionet.applyParametersInstruction())).rejects.toMatchObject({
      code: "program-error",
      programErrorName: "TooEarly",
    });
  });
});
