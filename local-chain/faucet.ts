import {
  type Address,
  address,
  appendTransactionMessageInstructions,
  createTransactionMessage,
  getTransactionEncoder,
  type Instruction,
  lamports,
  pipe,
  type Signature,
  setTransactionMessageFeePayerSigner,
  setTransactionMessageLifetimeUsingBlockhash,
  signTransactionMessageWithSigners,
} from "@solana/kit";
import { getTransferSolInstruction } from "@solana-program/system";
import {
  findAssociatedTokenPda,
  getCreateAssociatedTokenIdempotentInstruction,
  getFreezeAccountInstruction,
  getMintToCheckedInstruction,
  getThawAccountInstruction,
} from "@solana-program/token";
import type { LocalNetwork } from "./network.ts";
import { BLOCKHASH_BLOCKS } from "./slots.ts";
import { TOKEN_PROGRAM } from "./tokens.ts";
import { sentenceOf, type TransactionError } from "./transaction-error.ts";
import { decodeWireTransaction } from "./wire-transaction.ts";

/** The most that one request gives; asking again gives more. */
export const AIRDROP_CAP_LAMPORTS = 10_000n * 1_000_000_000n;
export const TOKENS_CAP_BASE_UNITS = 1_000_000n * 1_000_000n;

/** The gift cannot be given: the wallet would end below rent exemption, or its token account is frozen. */
export class FaucetRefused extends Error {
  readonly error: TransactionError;
  constructor(error: TransactionError) {
    super(sentenceOf(error));
    this.error = error;
  }
}

const MEMO_PROGRAM = address("MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr");

/** Sends SOL from the faucet's own wallet. Lamports. */
export async function giveLamports(
  network: LocalNetwork,
  wallet: Address,
  amount: bigint,
): Promise<Signature> {
  const transfer = getTransferSolInstruction({
    source: network.faucet.signer,
    destination: wallet,
    amount: lamports(amount),
  });
  return await send(network, [transfer]);
}

/** Makes the wallet's token account where there is none and mints into it. Base units of the mint. */
export async function giveTokens(
  network: LocalNetwork,
  wallet: Address,
  mint: { address: Address; decimals: number },
  amount: bigint,
): Promise<Signature> {
  const [ata] = await findAssociatedTokenPda({
    owner: wallet,
    mint: mint.address,
    tokenProgram: TOKEN_PROGRAM,
  });
  return await send(network, [
    getCreateAssociatedTokenIdempotentInstruction({
      payer: network.faucet.signer,
      ata,
      owner: wallet,
      mint: mint.address,
    }),
    getMintToCheckedInstruction({
      mint: mint.address,
      token: ata,
      mintAuthority: network.faucet.signer,
      amount,
      decimals: mint.decimals,
    }),
  ]);
}

/** Freezes a token account of a test mint, or thaws it: the faucet may, as USDC's issuer may freeze real ones. */
export async function setFrozen(
  network: LocalNetwork,
  token: { account: Address; mint: Address },
  frozen: boolean,
): Promise<Signature> {
  const accounts = { ...token, owner: network.faucet.signer };
  return await send(network, [
    frozen ? getFreezeAccountInstruction(accounts) : getThawAccountInstruction(accounts),
  ]);
}

/** A real, signed transaction, which readers find in the history like any other. */
async function send(network: LocalNetwork, instructions: Instruction[]): Promise<Signature> {
  network.catchUp();
  const slot = network.slots.current();
  // Two equal requests in one slot would be one transaction; the memo tells them apart.
  const memo: Instruction = {
    programAddress: MEMO_PROGRAM,
    data: new TextEncoder().encode(`ionet faucet ${network.faucet.takeNumber()}`),
  };
  const message = pipe(
    createTransactionMessage({ version: "legacy" }),
    (m) => setTransactionMessageFeePayerSigner(network.faucet.signer, m),
    (m) =>
      setTransactionMessageLifetimeUsingBlockhash(
        {
          blockhash: network.slots.blockhash(slot),
          lastValidBlockHeight: network.slots.height(slot) + BLOCKHASH_BLOCKS,
        },
        m,
      ),
    (m) => appendTransactionMessageInstructions([...instructions, memo], m),
  );
  const signed = await signTransactionMessageWithSigners(message);
  const wire = decodeWireTransaction(new Uint8Array(getTransactionEncoder().encode(signed)));
  const { error } = network.simulate(wire);
  if (error !== null) throw new FaucetRefused(error);
  network.submit(wire);
  return wire.signature;
}
