import {
  AccountRole,
  type Address,
  address,
  appendTransactionMessageInstructions,
  type Blockhash,
  blockhash,
  compressTransactionMessageUsingAddressLookupTables,
  createTransactionMessage,
  generateKeyPair,
  generateKeyPairSigner,
  getAddressEncoder,
  getAddressFromPublicKey,
  getBase64EncodedWireTransaction,
  getProgramDerivedAddress,
  type Instruction,
  type KeyPairSigner,
  lamports,
  pipe,
  setTransactionMessageFeePayerSigner,
  setTransactionMessageLifetimeUsingBlockhash,
  signBytes,
  signTransactionMessageWithSigners,
} from "@solana/kit";
import {
  getAdvanceNonceAccountInstruction,
  getCreateAccountInstruction,
  getInitializeNonceAccountInstruction,
  getTransferSolInstruction,
} from "@solana-program/system";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readNonce } from "./nonce.ts";
import {
  freshAddress,
  programDataOf,
  STILL,
  startTestNetwork,
  type TestNetwork,
  tokenProgramElf,
} from "./testing/network.ts";
import { UPGRADEABLE_LOADER } from "./upgradeable-program.ts";

let chain: TestNetwork;
let payer: KeyPairSigner;
let upgrader: KeyPairSigner;
let program: Address;
beforeAll(async () => {
  upgrader = await generateKeyPairSigner();
  program = await freshAddress();
  chain = await startTestNetwork(STILL, {
    programs: [{ address: program, elf: await tokenProgramElf(), upgradeAuthority: upgrader.address }],
  });
  payer = await chain.fundedWallet(1000n);
});
afterAll(async () => {
  await chain.server.close();
  expect(chain.faults).toEqual([]);
});

const send = async (instructions: Instruction[], version: 0 | 1 = 0) => {
  const wire = getBase64EncodedWireTransaction(await chain.sign(payer, instructions, version));
  return await chain.rpc.sendTransaction(wire, { encoding: "base64" }).send();
};
const balance = async (of: Address) =>
  (await chain.rpc.getBalance(of, { commitment: "processed" }).send()).value;
const bytes = (...parts: (number | Uint8Array)[]) =>
  new Uint8Array(
    Buffer.concat(parts.map((part) => (typeof part === "number" ? Buffer.from([part]) : Buffer.from(part)))),
  );
const u32 = (value: number) => new Uint8Array(new Uint32Array([value]).buffer);
const u64 = (value: bigint) => new Uint8Array(new BigUint64Array([value]).buffer);

test("a program given at the start runs and names its upgrade authority", async () => {
  const mint = await generateKeyPairSigner();
  const create = getCreateAccountInstruction({
    payer,
    newAccount: mint,
    lamports: lamports(10_000_000n),
    space: 82n,
    programAddress: program,
  });
  const initializeMint2 = {
    programAddress: program,
    accounts: [{ address: mint.address, role: AccountRole.WRITABLE }],
    data: bytes(20, 6, new Uint8Array(getAddressEncoder().encode(payer.address)), 0),
  };
  await send([create, initializeMint2]);
  const made = chain.network.account(mint.address, "processed");
  expect([made?.programAddress, made?.data[44]]).toEqual([program, 6]);

  const info = await chain.rpc
    .getAccountInfo(await programDataOf(program), { encoding: "jsonParsed" })
    .send();
  expect(info.value?.data).toMatchObject({
    parsed: { type: "programData", info: { authority: upgrader.address } },
  });
  const account = await chain.rpc.getAccountInfo(program, { encoding: "base64" }).send();
  expect(account.value).toMatchObject({ executable: true, owner: UPGRADEABLE_LOADER });
});

test("the loader lets the upgrade authority hand over, and nobody else", async () => {
  const programData = await programDataOf(program);
  const setAuthority = (signer: KeyPairSigner, next: Address): Instruction => {
    const accounts = [
      { address: programData, role: AccountRole.WRITABLE },
      { address: signer.address, role: AccountRole.READONLY_SIGNER, signer },
      { address: next, role: AccountRole.READONLY },
    ];
    return { programAddress: UPGRADEABLE_LOADER, accounts, data: u32(4) };
  };
  const thief = await generateKeyPairSigner();
  await expect(send([setAuthority(thief, thief.address)])).rejects.toThrow(/simulation failed/i);
  await send([setAuthority(upgrader, payer.address)]);
  const data = chain.network.account(programData, "processed")?.data.slice(13, 45);
  expect(data).toEqual(new Uint8Array(getAddressEncoder().encode(payer.address)));
});

test("the Ed25519 precompile checks a signature, at the price of one, and refuses a false one", async () => {
  const keys = await generateKeyPair();
  const signer = new Uint8Array(getAddressEncoder().encode(await getAddressFromPublicKey(keys.publicKey)));
  const message = new TextEncoder().encode("42 seconds");
  const signature = await signBytes(keys.privateKey, message);
  const check = (signed: Uint8Array): Instruction => ({
    programAddress: address("Ed25519SigVerify111111111111111111111111111"),
    data: bytes(
      new Uint8Array(new Uint16Array([1, 48, 0xffff, 16, 0xffff, 112, signed.length, 0xffff]).buffer),
      signer,
      signature,
      signed,
    ),
  });
  for (const version of [0, 1] as const) {
    const before = await balance(payer.address);
    const sent = await send([check(message)], version);
    expect(before - (await balance(payer.address))).toBe(10_000n);
    chain.passSlots(2);
    expect(
      (await chain.call("getTransaction", [sent, { maxSupportedTransactionVersion: 1 }])).result,
    ).toMatchObject({
      meta: { fee: 10_000, err: null },
    });
  }
  await expect(send([check(new TextEncoder().encode("43 seconds"))])).rejects.toThrow(/simulation failed/i);
});

test("the fee told beforehand, with priority, is the fee that is taken", async () => {
  const budget = address("ComputeBudget111111111111111111111111111111");
  const transfer = getTransferSolInstruction({
    source: payer,
    destination: upgrader.address,
    amount: 1_000_000n,
  });
  const limit = { programAddress: budget, data: bytes(2, u32(10_001)) };
  const price = { programAddress: budget, data: bytes(3, u64(123_456n)) };
  for (const instructions of [
    [limit, price, transfer],
    [price, transfer],
  ]) {
    const before = await balance(payer.address);
    const signature = await send(instructions);
    const taken = before - (await balance(payer.address)) - 1_000_000n;
    expect(chain.network.log.bySignature(signature)?.feeLamports).toBe(taken);
    expect(taken).toBeGreaterThan(5_000n);
  }
});

test("a lookup table is made, and a v0 transaction reaches an account through it", async () => {
  const tables = address("AddressLookupTab1e1111111111111111111111111");
  const slot = (await chain.rpc.getSlot({ commitment: "finalized" }).send()) as bigint;
  const seeds = [getAddressEncoder().encode(payer.address), u64(slot)];
  const [table, bump] = await getProgramDerivedAddress({ programAddress: tables, seeds });
  const to = await freshAddress();
  const authority = { address: payer.address, role: AccountRole.WRITABLE_SIGNER, signer: payer };
  const accounts = [
    { address: table, role: AccountRole.WRITABLE },
    authority,
    authority,
    { address: address("11111111111111111111111111111111"), role: AccountRole.READONLY },
  ];
  const addresses = new Uint8Array(getAddressEncoder().encode(to));
  await send([
    { programAddress: tables, accounts, data: bytes(u32(0), u64(slot), bump) },
    { programAddress: tables, accounts, data: bytes(u32(2), u64(1n), addresses) },
  ]);
  chain.passSlots(1);
  const { value: lifetime } = await chain.rpc.getLatestBlockhash({ commitment: "processed" }).send();
  const signed = await pipe(
    createTransactionMessage({ version: 0 }),
    (m) => setTransactionMessageFeePayerSigner(payer, m),
    (m) => setTransactionMessageLifetimeUsingBlockhash(lifetime, m),
    (m) =>
      appendTransactionMessageInstructions(
        [getTransferSolInstruction({ source: payer, destination: to, amount: 5_000_000n })],
        m,
      ),
    (m) => compressTransactionMessageUsingAddressLookupTables(m, { [table]: [to] }),
    signTransactionMessageWithSigners,
  );
  const wire = getBase64EncodedWireTransaction(signed);
  const signature = await chain.rpc.sendTransaction(wire, { encoding: "base64" }).send();
  chain.passSlots(2);
  expect(await balance(to)).toBe(5_000_000n);
  const found = await chain.rpc
    .getTransaction(signature, { maxSupportedTransactionVersion: 0, encoding: "json" })
    .send();
  expect(found?.meta).toMatchObject({ loadedAddresses: { writable: [to], readonly: [] } });
  expect(found?.transaction.message).toMatchObject({
    addressTableLookups: [{ accountKey: table, writableIndexes: [0] }],
  });
});

test("a transaction that lives by a durable nonce runs days later, and once", async () => {
  const nonce = await generateKeyPairSigner();
  const create = getCreateAccountInstruction({
    payer,
    newAccount: nonce,
    lamports: lamports(10_000_000n),
    space: 80n,
    programAddress: address("11111111111111111111111111111111"),
  });
  const start = getInitializeNonceAccountInstruction({
    nonceAccount: nonce.address,
    nonceAuthority: payer.address,
  });
  await send([create, start]);
  const value: Blockhash = blockhash(
    readNonce(chain.network.account(nonce.address, "processed"))?.value ?? "",
  );
  const to = await freshAddress();
  const sign = async (amount: bigint) =>
    getBase64EncodedWireTransaction(
      await pipe(
        createTransactionMessage({ version: 0 }),
        (m) => setTransactionMessageFeePayerSigner(payer, m),
        (m) => setTransactionMessageLifetimeUsingBlockhash({ blockhash: value, lastValidBlockHeight: 0n }, m),
        (m) =>
          appendTransactionMessageInstructions(
            [
              getAdvanceNonceAccountInstruction({ nonceAccount: nonce.address, nonceAuthority: payer }),
              getTransferSolInstruction({ source: payer, destination: to, amount }),
            ],
            m,
          ),
        signTransactionMessageWithSigners,
      ),
    );
  const first = await sign(3_000_000n);
  const second = await sign(4_000_000n);
  chain.clock.advance(3 * 24 * 3600);
  await chain.rpc.sendTransaction(first, { encoding: "base64" }).send();
  expect(await balance(to)).toBe(3_000_000n);
  expect(await chain.call("sendTransaction", [second, { encoding: "base64" }])).toMatchObject({
    error: { code: -32002, data: { err: "BlockhashNotFound" } },
  });
});
