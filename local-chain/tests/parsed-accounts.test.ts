import { address, fetchAddressesForLookupTables } from "@solana/kit";
import {
  AddressLookupTableProgram,
  Authorized,
  Connection,
  Keypair,
  LAMPORTS_PER_SOL,
  Lockup,
  NONCE_ACCOUNT_LENGTH,
  PublicKey,
  StakeProgram,
  SYSVAR_CLOCK_PUBKEY,
  SYSVAR_EPOCH_SCHEDULE_PUBKEY,
  SYSVAR_RECENT_BLOCKHASHES_PUBKEY,
  SYSVAR_RENT_PUBKEY,
  SYSVAR_SLOT_HASHES_PUBKEY,
  SYSVAR_SLOT_HISTORY_PUBKEY,
  SYSVAR_STAKE_HISTORY_PUBKEY,
  SystemProgram,
  sendAndConfirmTransaction,
  Transaction,
  type TransactionInstruction,
  VoteInit,
  VoteProgram,
} from "@solana/web3.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RUNNING, startTestNetwork, type TestNetwork } from "../testing/network.ts";
import { UPGRADEABLE_LOADER } from "../upgradeable-program.ts";

let chain: TestNetwork;
let connection: Connection;
let payer: Keypair;
beforeAll(async () => {
  chain = await startTestNetwork(RUNNING);
  connection = new Connection(chain.server.rpcUrl, {
    commitment: "confirmed",
    wsEndpoint: chain.server.wsUrl,
  });
  payer = Keypair.generate();
  const signature = await connection.requestAirdrop(payer.publicKey, 100 * LAMPORTS_PER_SOL);
  await connection.confirmTransaction({ signature, ...(await connection.getLatestBlockhash()) });
});
afterAll(async () => {
  await chain.server.close();
  expect(chain.faults).toEqual([]);
});

const run = async (instructions: Transaction | TransactionInstruction[], ...signers: Keypair[]) => {
  const transaction = Array.isArray(instructions) ? new Transaction().add(...instructions) : instructions;
  return await sendAndConfirmTransaction(connection, transaction, [payer, ...signers]);
};
const parsed = async (at: PublicKey) => (await connection.getParsedAccountInfo(at)).value?.data;

test("a lookup table's addresses are fetched by kit, and parsed for web3.js, deactivated too", async () => {
  const own = payer.publicKey;
  const recentSlot = (await connection.getSlot("confirmed")) - 1;
  const [create, table] = AddressLookupTableProgram.createLookupTable({
    authority: own,
    payer: own,
    recentSlot,
  });
  const addresses = [Keypair.generate().publicKey, Keypair.generate().publicKey];
  const named = { lookupTable: table, authority: own, payer: own };
  await run([create, AddressLookupTableProgram.extendLookupTable({ ...named, addresses })]);
  const at = address(table.toBase58());
  expect(await fetchAddressesForLookupTables([at], chain.rpc)).toEqual({ [at]: addresses.map(String) });
  const info = { authority: own.toBase58(), addresses: addresses.map(String), lastExtendedSlotStartIndex: 0 };
  expect(await parsed(table)).toMatchObject({
    program: "address-lookup-table",
    parsed: { type: "lookupTable", info: { ...info, deactivationSlot: "18446744073709551615" } },
    space: 120,
  });
  await run([AddressLookupTableProgram.freezeLookupTable({ lookupTable: table, authority: own })]);
  const frozen = await parsed(table);
  expect(frozen).not.toHaveProperty("parsed.info.authority");
  expect(frozen).toHaveProperty("parsed.info.addresses.length", 2);
});

test("a nonce, a stake and a vote account are parsed as their programs left them", async () => {
  const own = payer.publicKey;
  const [nonce, stake, vote] = [Keypair.generate(), Keypair.generate(), Keypair.generate()];
  const lamports = await connection.getMinimumBalanceForRentExemption(NONCE_ACCOUNT_LENGTH);
  const noncePubkey = nonce.publicKey;
  await run(
    SystemProgram.createNonceAccount({ fromPubkey: own, noncePubkey, authorizedPubkey: own, lamports }),
    nonce,
  );
  const value = (await connection.getNonce(noncePubkey))?.nonce;
  const feeCalculator = { lamportsPerSignature: "5000" };
  expect(await parsed(noncePubkey)).toMatchObject({
    program: "nonce",
    parsed: { type: "initialized", info: { authority: own.toBase58(), blockhash: value, feeCalculator } },
  });

  await run(
    StakeProgram.createAccount({
      fromPubkey: own,
      stakePubkey: stake.publicKey,
      authorized: new Authorized(own, own),
      lockup: new Lockup(7, 8, own),
      lamports: 2 * LAMPORTS_PER_SOL,
    }),
    stake,
  );
  const lockup = { unixTimestamp: 7, epoch: 8, custodian: own.toBase58() };
  const meta = { authorized: { staker: own.toBase58(), withdrawer: own.toBase58() }, lockup };
  expect(await parsed(stake.publicKey)).toMatchObject({
    program: "stake",
    parsed: { type: "initialized", info: { meta: { ...meta, rentExemptReserve: "2282880" }, stake: null } },
  });

  const voteInit = new VoteInit(own, own, own, 12);
  const votePubkey = vote.publicKey;
  const node = { fromPubkey: own, votePubkey, voteInit, lamports: LAMPORTS_PER_SOL };
  await run(VoteProgram.createAccount(node), vote);
  const info = {
    nodePubkey: own.toBase58(),
    authorizedWithdrawer: own.toBase58(),
    commission: 12,
    votes: [],
  };
  expect(await parsed(votePubkey)).toMatchObject({
    program: "vote",
    parsed: { type: "vote", info: { ...info, rootSlot: null, inflationRewardsCommissionBps: 1200 } },
  });

  // Instruction 13 of the stake program answers the least that can be delegated.
  const question = { programId: StakeProgram.programId, keys: [], data: Buffer.from([13, 0, 0, 0]) };
  const { value: answer } = await connection.simulateTransaction(new Transaction().add(question), [payer]);
  const least = Buffer.from(answer.returnData?.data[0] ?? "", "base64").readBigUInt64LE();
  expect((await connection.getStakeMinimumDelegation()).value).toBe(Number(least));

  await run(StakeProgram.delegate({ stakePubkey: stake.publicKey, authorizedPubkey: own, votePubkey }));
  const delegation = { voter: votePubkey.toBase58(), deactivationEpoch: "18446744073709551615" };
  expect(await parsed(stake.publicKey)).toMatchObject({
    parsed: { type: "delegated", info: { meta, stake: { creditsObserved: 0, delegation } } },
  });
});

test("sysvars are parsed, each as it was at the slot of the answer", async () => {
  const { value, context } = await connection.getParsedAccountInfo(SYSVAR_CLOCK_PUBKEY);
  const unixTimestamp = await connection.getBlockTime(context.slot);
  expect(value?.data).toMatchObject({
    program: "sysvar",
    parsed: { type: "clock", info: { slot: context.slot, unixTimestamp } },
  });
  const shapes: [PublicKey, unknown][] = [
    [SYSVAR_RENT_PUBKEY, { type: "rent", info: { lamportsPerByte: "6960" } }],
    [SYSVAR_EPOCH_SCHEDULE_PUBKEY, { type: "epochSchedule", info: await connection.getEpochSchedule() }],
    [SYSVAR_STAKE_HISTORY_PUBKEY, { type: "stakeHistory", info: [] }],
    [
      SYSVAR_SLOT_HASHES_PUBKEY,
      {
        type: "slotHashes",
        info: expect.arrayContaining([{ hash: expect.any(String), slot: expect.any(Number) }]),
      },
    ],
    [
      new PublicKey("SysvarFees111111111111111111111111111111111"),
      { type: "fees", info: { feeCalculator: { lamportsPerSignature: expect.any(String) } } },
    ],
    [
      new PublicKey("SysvarLastRestartS1ot1111111111111111111111"),
      { type: "lastRestartSlot", info: { lastRestartSlot: 0 } },
    ],
    [
      new PublicKey("SysvarEpochRewards1111111111111111111111111"),
      { type: "epochRewards", info: { active: false, totalPoints: "0" } },
    ],
  ];
  for (const [at, shape] of shapes)
    expect(await parsed(at)).toMatchObject({ program: "sysvar", parsed: shape });
});

test("the slot history has a one for each slot since the beginning", async () => {
  const data = await parsed(SYSVAR_SLOT_HISTORY_PUBKEY);
  if (data === undefined || Buffer.isBuffer(data)) throw new Error("not parsed");
  const { bits, nextSlot } = data.parsed.info;
  expect(bits).toHaveLength(1024 * 1024);
  const first = await connection.getFirstAvailableBlock();
  expect(bits.split("1").length - 1).toBe(nextSlot - first);
  expect(bits[(nextSlot - 1) % bits.length]).toBe("1");
  expect(bits[nextSlot % bits.length]).toBe("0");
});

test("recent blockhashes are those of the last blocks, newest first", async () => {
  const { value, context } = await connection.getParsedAccountInfo(SYSVAR_RECENT_BLOCKHASHES_PUBKEY);
  if (value === null || Buffer.isBuffer(value.data)) throw new Error("not parsed");
  const [newest, ...others] = value.data.parsed.info;
  const block = await connection.getBlock(context.slot, { maxSupportedTransactionVersion: 0 });
  expect(newest).toEqual({ blockhash: block?.blockhash, feeCalculator: { lamportsPerSignature: "5000" } });
  expect(others.length).toBeLessThan(150);
});

test("a subscriber to the clock hears of every slot", async () => {
  const slots: number[] = [];
  await new Promise<void>((resolve) => {
    const id = connection.onAccountChange(SYSVAR_CLOCK_PUBKEY, ({ data }, { slot }) => {
      expect(data.readBigUInt64LE(0)).toBe(BigInt(slot));
      if (slots.push(slot) === 3) connection.removeAccountChangeListener(id).then(resolve);
    });
  });
  expect(slots.map((slot) => slot - (slots[0] ?? 0))).toEqual([0, 1, 2]);
});

test("a program and its code are parsed; without an authority its place counts to the code, as on a node", async () => {
  const token = new PublicKey("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA");
  const program = await parsed(token);
  if (program === undefined || Buffer.isBuffer(program)) throw new Error("not parsed");
  expect(program).toMatchObject({ program: "bpf-upgradeable-loader", parsed: { type: "program" } });
  const code = new PublicKey(program.parsed.info.programData);
  const raw = await connection.getAccountInfo(code);
  const data = await parsed(code);
  if (data === undefined || Buffer.isBuffer(data)) throw new Error("not parsed");
  const { authority, data: shown } = data.parsed.info;
  const [bytes] = shown;
  const held = raw?.data ?? Buffer.alloc(0);
  expect(Buffer.from(bytes, "base64")).toEqual(held.subarray(authority === null ? 13 : 45));
  expect(raw?.owner.toBase58()).toBe(UPGRADEABLE_LOADER);
});
