import {
  type Address,
  appendTransactionMessageInstructions,
  type Base64EncodedWireTransaction,
  compileTransaction,
  createNoopSigner,
  createTransactionMessage,
  getBase64EncodedWireTransaction,
  getPublicKeyFromAddress,
  getSignatureFromTransaction,
  type Instruction,
  type KeyPairSigner,
  type Nonce,
  pipe,
  type Signature,
  type SignatureBytes,
  setTransactionMessageFeePayer,
  setTransactionMessageLifetimeUsingDurableNonce,
  signatureBytes,
  signBytes,
  type Transaction,
  verifySignature,
} from "@solana/kit";
import type { OwnNonce } from "../rpc/durable-nonce.ts";
import { isNative } from "../tokens/currency.ts";
import { createTokenAccountInstruction } from "../tokens/token-account.ts";
import type { EscrowState } from "./escrow-state.ts";
import { settleAgreedInstruction } from "./settle-agreed.ts";

/** What engineer and supplier agree on. It says all that the transaction is made of: both sides build the same bytes. */
export type Agreement = {
  escrow: EscrowState;
  lease: number;
  /** Cumulative since the lease's start, as in a reading. */
  seconds: number;
  supplier: Address;
  treasury: Address;
  /** Who signed first: pays the fee, and the transaction lives by its nonce. */
  proposer: Address;
  nonce: OwnNonce;
};

/** Signs the agreement first. The signature is worth nothing without the other's. */
export async function signAgreement(proposer: KeyPairSigner, agreement: Agreement): Promise<SignatureBytes> {
  const { messageBytes } = await build(agreement);
  return await signBytes(proposer.keyPair.privateKey, messageBytes);
}

/** Whether the signature is the proposer's, of exactly this agreement. */
export async function isProposed(agreement: Agreement, signature: Uint8Array): Promise<boolean> {
  if (signature.length !== 64) return false;
  const { messageBytes } = await build(agreement);
  const key = await getPublicKeyFromAddress(agreement.proposer);
  return await verifySignature(key, signatureBytes(signature), messageBytes);
}

export type AgreedTransaction = {
  wire: Base64EncodedWireTransaction;
  signature: Signature;
  instructions: readonly Instruction[];
};

/** The transaction with both signatures, ready to be sent by anybody. */
export async function completeAgreement(
  second: KeyPairSigner,
  agreement: Agreement,
  proposed: Uint8Array,
): Promise<AgreedTransaction> {
  const transaction = await build(agreement);
  const own = await signBytes(second.keyPair.privateKey, transaction.messageBytes);
  const signed = {
    ...transaction,
    signatures: {
      ...transaction.signatures,
      [agreement.proposer]: signatureBytes(proposed),
      [second.address]: own,
    },
  };
  return {
    wire: getBase64EncodedWireTransaction(signed),
    signature: getSignatureFromTransaction(signed),
    // The nonce's advance stands first.
    instructions: [ADVANCE, ...(await instructionsOf(agreement))],
  };
}

/** In errors' positions only. */
const ADVANCE: Instruction = { programAddress: "11111111111111111111111111111111" as Address };

async function build(agreement: Agreement): Promise<Transaction> {
  const { proposer, nonce } = agreement;
  const instructions = await instructionsOf(agreement);
  return pipe(
    createTransactionMessage({ version: 0 }),
    (message) => setTransactionMessageFeePayer(proposer, message),
    (message) =>
      setTransactionMessageLifetimeUsingDurableNonce(
        {
          nonce: nonce.value as Nonce,
          nonceAccountAddress: nonce.account,
          nonceAuthorityAddress: proposer,
        },
        message,
      ),
    (message) => appendTransactionMessageInstructions(instructions, message),
    (message) => compileTransaction(message),
  );
}

/** The supplier's token account is made where it is missing, at the proposer's cost. */
async function instructionsOf(agreement: Agreement): Promise<Instruction[]> {
  const { escrow, lease, seconds, treasury, proposer, supplier } = agreement;
  const { engineer, mint } = escrow;
  const settle = await settleAgreedInstruction({
    ...{ escrow, lease, seconds, treasury },
    engineer: createNoopSigner(engineer),
    supplier: createNoopSigner(supplier),
  });
  if (isNative(mint)) return [settle];
  const payer = createNoopSigner(proposer);
  return [await createTokenAccountInstruction({ payer, wallet: supplier, mint }), settle];
}
