import {
  AccountState,
  AuthorityType,
  amountToUiAmount,
  createAccount,
  createAssociatedTokenAccount,
  createInitializeAccount3Instruction,
  createInitializeDefaultAccountStateInstruction,
  createInitializeGroupMemberPointerInstruction,
  createInitializeGroupPointerInstruction,
  createInitializeInstruction,
  createInitializeInterestBearingMintInstruction,
  createInitializeMetadataPointerInstruction,
  createInitializeMint2Instruction,
  createInitializeMintCloseAuthorityInstruction,
  createInitializePausableConfigInstruction,
  createInitializePermanentDelegateInstruction,
  createInitializeScaledUiAmountConfigInstruction,
  createInitializeTransferFeeConfigInstruction,
  createInitializeTransferHookInstruction,
  createMultisig,
  createUpdateFieldInstruction,
  ExtensionType,
  enableCpiGuard,
  enableRequiredMemoTransfers,
  getAccountLen,
  getMintLen,
  mintTo,
  setAuthority,
  TOKEN_2022_PROGRAM_ID,
} from "@solana/spl-token";
import {
  Connection,
  Keypair,
  LAMPORTS_PER_SOL,
  type PublicKey,
  SystemProgram,
  sendAndConfirmTransaction,
  Transaction,
  type TransactionInstruction,
} from "@solana/web3.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RUNNING, startTestNetwork, type TestNetwork } from "../testing/network.ts";

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

const confirm = { commitment: "confirmed" } as const;
const program = TOKEN_2022_PROGRAM_ID;
const infoOf = async (at: PublicKey) => {
  const data = (await connection.getParsedAccountInfo(at)).value?.data;
  if (data === undefined || Buffer.isBuffer(data)) throw new Error("not parsed");
  return data;
};
const stateOf = async (at: PublicKey, name: string) =>
  (await infoOf(at)).parsed.info.extensions.find((one: { extension: string }) => one.extension === name);

/** Makes a mint with these extensions; `after` runs once it is initialised. */
const makeMint = async (
  types: ExtensionType[],
  before: (mint: PublicKey) => TransactionInstruction[],
  after: (mint: PublicKey) => TransactionInstruction[] = () => [],
) => {
  const mint = Keypair.generate();
  const create = SystemProgram.createAccount({
    fromPubkey: payer.publicKey,
    newAccountPubkey: mint.publicKey,
    space: getMintLen(types),
    lamports: LAMPORTS_PER_SOL,
    programId: program,
  });
  const own = payer.publicKey;
  const initialize = createInitializeMint2Instruction(mint.publicKey, 6, own, own, program);
  const instructions = [create, ...before(mint.publicKey), initialize, ...after(mint.publicKey)];
  await sendAndConfirmTransaction(connection, new Transaction().add(...instructions), [payer, mint]);
  return mint.publicKey;
};

test("a mint's extensions are parsed in a node's words, in their order", async () => {
  const own = payer.publicKey;
  const text = own.toBase58();
  const mint = await makeMint(
    [
      ExtensionType.TransferFeeConfig,
      ExtensionType.MintCloseAuthority,
      ExtensionType.DefaultAccountState,
      ExtensionType.PermanentDelegate,
      ExtensionType.TransferHook,
      ExtensionType.GroupPointer,
      ExtensionType.GroupMemberPointer,
      ExtensionType.PausableConfig,
    ],
    (at) => [
      createInitializeTransferFeeConfigInstruction(at, own, null, 50, 5_000n, program),
      createInitializeMintCloseAuthorityInstruction(at, own, program),
      createInitializeDefaultAccountStateInstruction(at, AccountState.Frozen, program),
      createInitializePermanentDelegateInstruction(at, own, program),
      createInitializeTransferHookInstruction(at, own, own, program),
      createInitializeGroupPointerInstruction(at, own, at, program),
      createInitializeGroupMemberPointerInstruction(at, own, SystemProgram.programId, program),
      createInitializePausableConfigInstruction(at, own, program),
    ],
  );
  const fee = { epoch: expect.any(Number), maximumFee: 5000, transferFeeBasisPoints: 50 };
  expect(await infoOf(mint)).toMatchObject({
    program: "spl-token-2022",
    parsed: { type: "mint", info: { decimals: 6, supply: "0" } },
  });
  const { extensions } = (await infoOf(mint)).parsed.info;
  expect(extensions).toEqual([
    {
      extension: "transferFeeConfig",
      state: {
        transferFeeConfigAuthority: text,
        withdrawWithheldAuthority: null,
        withheldAmount: 0,
        olderTransferFee: fee,
        newerTransferFee: fee,
      },
    },
    { extension: "mintCloseAuthority", state: { closeAuthority: text } },
    { extension: "defaultAccountState", state: { accountState: "frozen" } },
    { extension: "permanentDelegate", state: { delegate: text } },
    { extension: "transferHook", state: { authority: text, programId: text } },
    { extension: "groupPointer", state: { authority: text, groupAddress: mint.toBase58() } },
    { extension: "groupMemberPointer", state: { authority: text, memberAddress: null } },
    { extension: "pausableConfig", state: { authority: text, paused: false } },
  ]);
});

test("a token's metadata is parsed, also what was added to it", async () => {
  const own = payer.publicKey;
  const metadata = { name: "Name", symbol: "SYM", uri: "https://token.example" };
  const mint = await makeMint(
    [ExtensionType.MetadataPointer],
    (at) => [createInitializeMetadataPointerInstruction(at, own, at, program)],
    (at) => {
      const of = { programId: program, metadata: at, updateAuthority: own };
      return [
        createInitializeInstruction({ ...of, ...metadata, mint: at, mintAuthority: own }),
        createUpdateFieldInstruction({ ...of, field: "colour", value: "blue" }),
      ];
    },
  );
  const pointer = { authority: own.toBase58(), metadataAddress: mint.toBase58() };
  expect(await stateOf(mint, "metadataPointer")).toMatchObject({ state: pointer });
  expect(await stateOf(mint, "tokenMetadata")).toEqual({
    extension: "tokenMetadata",
    state: {
      ...metadata,
      additionalMetadata: [["colour", "blue"]],
      mint: mint.toBase58(),
      updateAuthority: own.toBase58(),
    },
  });
});

test("a token account's extensions are parsed, and a multisig", async () => {
  const own = payer.publicKey;
  const plain = await makeMint([], () => []);
  const account = Keypair.generate();
  const types = [ExtensionType.MemoTransfer, ExtensionType.CpiGuard];
  const create = SystemProgram.createAccount({
    fromPubkey: own,
    newAccountPubkey: account.publicKey,
    space: getAccountLen(types),
    lamports: LAMPORTS_PER_SOL,
    programId: program,
  });
  const initialize = createInitializeAccount3Instruction(account.publicKey, plain, own, program);
  await sendAndConfirmTransaction(connection, new Transaction().add(create, initialize), [payer, account]);
  await enableRequiredMemoTransfers(connection, payer, account.publicKey, payer, [], confirm, program);
  await enableCpiGuard(connection, payer, account.publicKey, payer, [], confirm, program);
  expect((await infoOf(account.publicKey)).parsed.info.extensions).toEqual([
    { extension: "memoTransfer", state: { requireIncomingTransferMemos: true } },
    { extension: "cpiGuard", state: { lockCpi: true } },
  ]);
  const associated = await createAssociatedTokenAccount(connection, payer, plain, own, confirm, program);
  expect((await infoOf(associated)).parsed.info.extensions).toEqual([{ extension: "immutableOwner" }]);

  const signers = [own, plain];
  const multisig = await createMultisig(connection, payer, signers, 1, Keypair.generate(), confirm, program);
  expect((await infoOf(multisig)).parsed).toEqual({
    type: "multisig",
    info: { isInitialized: true, numRequiredSigners: 1, numValidSigners: 2, signers: signers.map(String) },
  });
});

test("a mint without authorities and a token account that may be closed by another say so", async () => {
  const own = payer.publicKey;
  const mint = await makeMint([], () => []);
  const other = Keypair.generate().publicKey;
  const account = await createAccount(connection, payer, mint, own, Keypair.generate(), confirm, program);
  const give = async (at: PublicKey, type: AuthorityType, to: PublicKey | null) =>
    await setAuthority(connection, payer, at, payer, type, to, [], confirm, program);
  await give(mint, AuthorityType.MintTokens, null);
  await give(account, AuthorityType.CloseAccount, other);
  expect((await infoOf(mint)).parsed.info).toMatchObject({
    mintAuthority: null,
    freezeAuthority: own.toBase58(),
  });
  expect((await infoOf(account)).parsed.info).toMatchObject({
    closeAuthority: other.toBase58(),
    isNative: false,
  });
});

test("amounts of a mint that bears interest, or is scaled, are shown as its program shows them", async () => {
  const own = payer.publicKey;
  const mints = [
    await makeMint([ExtensionType.InterestBearingConfig], (at) => [
      createInitializeInterestBearingMintInstruction(at, own, 30_000, program),
    ]),
    await makeMint([ExtensionType.ScaledUiAmountConfig], (at) => [
      createInitializeScaledUiAmountConfigInstruction(at, own, 2.5, program),
    ]),
  ];
  await chain.call("ionet_advanceClock", [30 * 24 * 3600]);
  // This one has not kept a blockhash from before.
  connection = new Connection(chain.server.rpcUrl, {
    commitment: "confirmed",
    wsEndpoint: chain.server.wsUrl,
  });
  for (const mint of mints) {
    const account = await createAssociatedTokenAccount(connection, payer, mint, own, confirm, program);
    await mintTo(connection, payer, mint, account, payer, 4_000_000n, [], confirm, program);
    // What the program itself says, run on the network.
    const shown = await amountToUiAmount(connection, payer, mint, 4_000_000n, program);
    const { value } = await connection.getTokenAccountBalance(account);
    expect(value).toMatchObject({ amount: "4000000", decimals: 6 });
    expect(value.uiAmount).toBeCloseTo(Number(shown), 4);
    expect(value.uiAmount).toBeGreaterThan(4.9);
    const supply = (await connection.getTokenSupply(mint)).value.uiAmount;
    expect(supply).toBeCloseTo(Number(shown), 4);
    expect((await infoOf(account)).parsed.info.tokenAmount.uiAmount).toBeCloseTo(Number(shown), 4);
  }
  const scaled = await stateOf(mints[1] ?? own, "scaledUiAmountConfig");
  expect(scaled.state).toMatchObject({ multiplier: "2.5", newMultiplier: "2.5" });
});
