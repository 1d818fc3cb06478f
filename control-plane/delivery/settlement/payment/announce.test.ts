import {
  address,
  appendTransactionMessageInstruction,
  blockhash,
  createTransactionMessage,
  generateKeyPairSigner,
  getBase64EncodedWireTransaction,
  getSignatureFromTransaction,
  type Instruction,
  pipe,
  setTransactionMessageComputeUnitLimit,
  setTransactionMessageFeePayerSigner,
  setTransactionMessageLifetimeUsingBlockhash,
  setTransactionMessageLoadedAccountsDataSizeLimit,
  signTransactionMessageWithSigners,
} from "@solana/kit";
import { expect, test } from "vitest";
import { signatureOf } from "./announce.ts";

const payer = await generateKeyPairSigner();
const lifetime = { blockhash: blockhash(payer.address), lastValidBlockHeight: 1n };
const instruction: Instruction = {
  programAddress: address("Ed25519SigVerify111111111111111111111111111"),
  accounts: [],
  data: new Uint8Array(100),
};
const v0 = pipe(
  createTransactionMessage({ version: 0 }),
  (message) => setTransactionMessageFeePayerSigner(payer, message),
  (message) => setTransactionMessageLifetimeUsingBlockhash(lifetime, message),
  (message) => appendTransactionMessageInstruction(instruction, message),
);
const v1 = pipe(
  createTransactionMessage({ version: 1 }),
  (message) => setTransactionMessageFeePayerSigner(payer, message),
  (message) => setTransactionMessageLifetimeUsingBlockhash(lifetime, message),
  (message) => setTransactionMessageComputeUnitLimit(1000, message),
  (message) => setTransactionMessageLoadedAccountsDataSizeLimit(65_536, message),
  (message) => appendTransactionMessageInstruction(instruction, message),
);

test("a transaction's signature is found in both versions' bytes", async () => {
  const small = await signTransactionMessageWithSigners(v0);
  expect(signatureOf(getBase64EncodedWireTransaction(small))).toBe(getSignatureFromTransaction(small));
  const large = await signTransactionMessageWithSigners(v1);
  expect(signatureOf(getBase64EncodedWireTransaction(large))).toBe(getSignatureFromTransaction(large));
});
