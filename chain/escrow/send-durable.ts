import type { Address } from "@solana/kit";
import type { Chain } from "../rpc/connect.ts";
import { readOwnNonce } from "../rpc/durable-nonce.ts";
import { asChainError, ChainError } from "../rpc/errors.ts";
import { pause } from "../rpc/pause.ts";
import { transactionFailure } from "../rpc/transaction-failure.ts";
import type { AgreedTransaction } from "./agreed-transaction.ts";

const POLL_MILLISECONDS = 400;
const POLLS_PER_RESEND = 5;
/** The nonce has another value and the transaction is not to be seen: only two such looks in a row are believed. */
const LOOKS_AFTER_EXPIRY = 2;
/** For about half a minute. */
const MAX_POLLS = 75;

/**
 * Simulates and sends a transaction that lives by its proposer's nonce, and waits until it is confirmed. Throws a
 * ChainError: "expired" when the nonce was used for something else; after "rpc-unreachable" it may still land.
 */
export async function sendDurable(
  chain: Chain,
  transaction: AgreedTransaction,
  nonce: { owner: Address; value: string },
): Promise<void> {
  try {
    await simulate(chain, transaction);
    let expiredLooks = 0;
    for (let poll = 0; poll < MAX_POLLS; poll++) {
      const current = await readOwnNonce(chain, nonce.owner);
      const status = await statusOf(chain, transaction);
      if (status === "confirmed" || status === "finalized") return;
      expiredLooks = status === null && current?.value !== nonce.value ? expiredLooks + 1 : 0;
      if (expiredLooks === LOOKS_AFTER_EXPIRY) throw expired(transaction);
      if (status === null && poll % POLLS_PER_RESEND === 0) {
        const options = { encoding: "base64", skipPreflight: true, maxRetries: 0n } as const;
        await chain.rpc.sendTransaction(transaction.wire, options).send();
      }
      await pause(POLL_MILLISECONDS);
    }
  } catch (cause) {
    throw asChainError(chain, cause);
  }
  const message = `transaction ${transaction.signature} was not confirmed in time; it may still land: look before sending it again`;
  throw new ChainError("rpc-unreachable", message);
}

async function simulate(chain: Chain, { wire, instructions }: AgreedTransaction): Promise<void> {
  const { value } = await chain.rpc
    .simulateTransaction(wire, {
      commitment: "confirmed",
      encoding: "base64",
      replaceRecentBlockhash: false,
      sigVerify: true,
    })
    .send();
  if (value.err !== null) throw transactionFailure(value.err, instructions, value.logs ?? []);
}

async function statusOf(chain: Chain, { signature, instructions }: AgreedTransaction) {
  const { value } = await chain.rpc
    .getSignatureStatuses([signature], { searchTransactionHistory: true })
    .send();
  const status = value[0] ?? null;
  if (status?.err) throw transactionFailure(status.err, instructions, []);
  return status?.confirmationStatus ?? null;
}

const expired = ({ signature }: AgreedTransaction) =>
  new ChainError(
    "expired",
    `transaction ${signature} can never land: the proposer has used its nonce for something else; let it propose anew`,
  );
