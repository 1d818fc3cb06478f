import {
  approve,
  createAccount,
  createMint,
  freezeAccount,
  getAccount,
  getMint,
  getOrCreateAssociatedTokenAccount,
  mintTo,
  TOKEN_2022_PROGRAM_ID,
  TOKEN_PROGRAM_ID,
  TokenAccountNotFoundError,
  transfer,
  transferChecked,
} from "@solana/spl-token";
import { Connection, Keypair, LAMPORTS_PER_SOL, type PublicKey } from "@solana/web3.js";
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
  const signature = await connection.requestAirdrop(payer.publicKey, 10 * LAMPORTS_PER_SOL);
  await connection.confirmTransaction({ signature, ...(await connection.getLatestBlockhash()) });
});
afterAll(async () => {
  await chain.server.close();
  expect(chain.faults).toEqual([]);
});

for (const [name, program] of [
  ["spl-token", TOKEN_PROGRAM_ID],
  ["spl-token-2022", TOKEN_2022_PROGRAM_ID],
] as const) {
  test(`spl-token makes a mint of ${name}, mints, transfers, and reads it all back parsed`, async () => {
    const confirm = { commitment: "confirmed" } as const;
    const own = payer.publicKey;
    const other = Keypair.generate().publicKey;
    const mint = await createMint(connection, payer, own, own, 6, Keypair.generate(), confirm, program);
    const accountOf = async (owner: PublicKey) =>
      await getOrCreateAssociatedTokenAccount(
        connection,
        payer,
        mint,
        owner,
        false,
        "confirmed",
        confirm,
        program,
      );
    const [from, to] = [await accountOf(own), await accountOf(other)];
    await mintTo(connection, payer, mint, from.address, payer, 5_000_000n, [], confirm, program);
    const signature = await transferChecked(
      connection,
      payer,
      from.address,
      mint,
      to.address,
      payer,
      1_500_000n,
      6,
      [],
      confirm,
      program,
    );
    expect((await getAccount(connection, to.address, "confirmed", program)).amount).toBe(1_500_000n);
    expect((await getMint(connection, mint, "confirmed", program)).supply).toBe(5_000_000n);
    expect((await connection.getTokenAccountBalance(to.address)).value.uiAmountString).toBe("1.5");
    expect((await connection.getTokenSupply(mint)).value.amount).toBe("5000000");

    const parsed = await connection.getParsedTransaction(signature, { maxSupportedTransactionVersion: 0 });
    expect(parsed?.transaction.message.instructions[0]).toMatchObject({
      program: "spl-token",
      parsed: {
        type: "transferChecked",
        info: {
          source: from.address.toBase58(),
          destination: to.address.toBase58(),
          mint: mint.toBase58(),
          authority: own.toBase58(),
          tokenAmount: { amount: "1500000", decimals: 6, uiAmountString: "1.5" },
        },
      },
    });
    expect(parsed?.meta?.postTokenBalances?.map((one) => one.uiTokenAmount.amount).sort()).toEqual([
      "1500000",
      "3500000",
    ]);
    const info = await connection.getParsedAccountInfo(to.address);
    expect(info.value?.data).toMatchObject({
      program: name,
      parsed: { type: "account", info: { mint: mint.toBase58(), owner: other.toBase58() } },
    });
    const [largest] = (await connection.getTokenLargestAccounts(mint)).value;
    expect([largest?.address.toBase58(), largest?.amount]).toEqual([from.address.toBase58(), "3500000"]);
    const held = await connection.getParsedTokenAccountsByOwner(other, { mint });
    expect(held.value[0]?.account.data.parsed.info.tokenAmount.uiAmount).toBe(1.5);
    const found = await connection.getProgramAccounts(program, {
      filters: [
        { memcmp: { offset: 0, bytes: mint.toBase58() } },
        { memcmp: { offset: 32, bytes: other.toBase58() } },
      ],
    });
    expect(found.map((one) => one.pubkey.toBase58())).toEqual([to.address.toBase58()]);
  });
}

test("spl-token's account that is not there, is delegated, or is frozen is told as such", async () => {
  const own = payer.publicKey;
  const mint = await createMint(connection, payer, own, own, 2);
  const account = await createAccount(connection, payer, mint, own);
  await mintTo(connection, payer, mint, account, payer, 100n);
  await expect(getAccount(connection, Keypair.generate().publicKey)).rejects.toBeInstanceOf(
    TokenAccountNotFoundError,
  );
  const delegate = Keypair.generate();
  await approve(connection, payer, account, delegate.publicKey, payer, 40n);
  const { result } = await chain.call("getTokenAccountsByDelegate", [
    delegate.publicKey.toBase58(),
    { mint: mint.toBase58() },
    { encoding: "jsonParsed", commitment: "confirmed" },
  ]);
  expect(result).toMatchObject({
    value: [{ account: { data: { parsed: { info: { delegatedAmount: { amount: "40" } } } } } }],
  });
  await freezeAccount(connection, payer, account, mint, payer);
  const to = await createAccount(connection, payer, mint, own, Keypair.generate());
  await expect(transfer(connection, payer, account, to, payer, 1n)).rejects.toThrow("0x11");
  const info = await connection.getParsedAccountInfo(account);
  expect(info.value?.data).toMatchObject({ parsed: { info: { state: "frozen" } } });
});
