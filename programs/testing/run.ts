import {
  appendTransactionMessageInstructions,
  createTransactionMessage,
  getTransactionMessageSize,
  type Instruction,
  type KeyPairSigner,
  pipe,
  setTransactionMessageComputeUnitLimit,
  setTransactionMessageFeePayerSigner,
  setTransactionMessageLoadedAccountsDataSizeLimit,
  signTransactionMessageWithSigners,
} from "@solana/kit";
import { FailedTransactionMetadata, type LiteSVM } from "litesvm";
import { programs } from "../../chain/programs.ts";

const MAX_COMPUTE = 1_400_000;
const MAX_LOADED = 64 * 1024 * 1024;
const V0_SIZE = 1_232;

/** A transaction that failed; `reason` is our program's name for it, or what the runtime says. */
export class Refused extends Error {
  readonly reason: string;
  constructor(reason: string, logs: readonly string[]) {
    super(`${reason}\n${logs.join("\n")}`);
    this.reason = reason;
  }
}

/** Runs a transaction; throws Refused when it fails. */
export async function run(
  svm: LiteSVM,
  payer: KeyPairSigner,
  instructions: readonly Instruction[],
): Promise<{ computeUnits: number; bytes: number; logs: string[] }> {
  const signed = await sign(svm, payer, instructions);
  const result = svm.sendTransaction(signed.transaction);
  // Two equal transactions would otherwise be one.
  svm.expireBlockhash();
  if (result instanceof FailedTransactionMetadata) {
    const logs = result.meta().logs();
    throw new Refused(programRefusal(logs) ?? result.toString(), logs);
  }
  return { computeUnits: Number(result.computeUnitsConsumed()), bytes: signed.bytes, logs: result.logs() };
}

async function sign(svm: LiteSVM, payer: KeyPairSigner, instructions: readonly Instruction[]) {
  const small = pipe(
    createTransactionMessage({ version: 0 }),
    (message) => setTransactionMessageFeePayerSigner(payer, message),
    (message) => svm.setTransactionMessageLifetimeUsingLatestBlockhash(message),
    (message) => appendTransactionMessageInstructions(instructions, message),
    (message) => setTransactionMessageComputeUnitLimit(MAX_COMPUTE, message),
  );
  const bytes = getTransactionMessageSize(small);
  if (bytes <= V0_SIZE) return { bytes, transaction: await signTransactionMessageWithSigners(small) };
  const large = pipe(
    createTransactionMessage({ version: 1 }),
    (message) => setTransactionMessageFeePayerSigner(payer, message),
    (message) => svm.setTransactionMessageLifetimeUsingLatestBlockhash(message),
    (message) => setTransactionMessageComputeUnitLimit(MAX_COMPUTE, message),
    (message) => setTransactionMessageLoadedAccountsDataSizeLimit(MAX_LOADED, message),
    (message) => appendTransactionMessageInstructions(instructions, message),
  );
  return {
    bytes: getTransactionMessageSize(large),
    transaction: await signTransactionMessageWithSigners(large),
  };
}

/** The name, by one of our programs, of the error that these logs end with; null where another refused. */
export function programRefusal(logs: readonly string[]): string | null {
  for (const { address, errors } of programs) {
    const words = `Program ${address} failed: custom program error: `;
    const failed = logs.find((line) => line.startsWith(words));
    const known = failed === undefined ? undefined : errors[Number(failed.slice(words.length))];
    if (known !== undefined) return known.name;
  }
  return null;
}

/** The reason of a refusal: what a test of an attack expects. */
export async function refusal(attempt: Promise<unknown>): Promise<string> {
  try {
    await attempt;
  } catch (error) {
    if (error instanceof Refused) return error.reason;
    throw error;
  }
  return "accepted";
}
