import { readFileSync } from "node:fs";
import { ESCROW_PROGRAM, programDataAddress } from "@ionet/chain";
import {
  type AccountMeta,
  type Address,
  appendTransactionMessageInstructions,
  createTransactionMessage,
  getAddressEncoder,
  getTransactionMessageSize,
  type Instruction,
  type KeyPairSigner,
  pipe,
  setTransactionMessageComputeUnitLimit,
  setTransactionMessageFeePayerSigner,
  setTransactionMessageLoadedAccountsDataSizeLimit,
  signTransactionMessageWithSigners,
} from "@solana/kit";
import { FailedTransactionMetadata, LiteSVM } from "litesvm";
import { escrowErrors } from "../../../chain/escrow/generated/errors/table.ts";

const PROGRAM = readFileSync(new URL("../escrow.so", import.meta.url));
const AUTHORITY_FLAG_AT = 12;
const MAX_COMPUTE = 1_400_000;
const MAX_LOADED = 64 * 1024 * 1024;
const V0_SIZE = 1_232;
/** Any moment that is not zero. */
const START = 1_760_000_000n;

/** A Solana network in this process, with the escrow program as the upgradeable loader leaves it. */
export async function startSvm(upgradeAuthority: Address, program: Uint8Array = PROGRAM): Promise<LiteSVM> {
  const svm = new LiteSVM();
  svm.addProgram(ESCROW_PROGRAM, program);
  const programData = svm.getAccount(await programDataAddress());
  if (!programData.exists) throw new Error("LiteSVM made no ProgramData account");
  const data = new Uint8Array(programData.data);
  data[AUTHORITY_FLAG_AT] = 1;
  data.set(getAddressEncoder().encode(upgradeAuthority), AUTHORITY_FLAG_AT + 1);
  svm.setAccount({ ...programData, data });
  svm.warpToSlot(1_000n);
  setTime(svm, START);
  return svm;
}

export const now = (svm: LiteSVM): number => Number(svm.getClock().unixTimestamp);

/** Lets time pass, and a slot with it. */
export function advance(svm: LiteSVM, seconds: number): void {
  svm.warpToSlot(svm.getClock().slot + 1n);
  setTime(svm, svm.getClock().unixTimestamp + BigInt(seconds));
}

function setTime(svm: LiteSVM, unixTimestamp: bigint): void {
  const clock = svm.getClock();
  clock.unixTimestamp = unixTimestamp;
  svm.setClock(clock);
}

/** A transaction that failed; `reason` is the escrow program's name for it, or what the runtime says. */
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
    throw new Refused(escrowRefusal(logs) ?? result.toString(), logs);
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

/** The escrow program's name for the error that these logs end with, if it was the one to refuse. */
export function escrowRefusal(logs: readonly string[]): string | null {
  const failed = logs.find((line) =>
    line.startsWith(`Program ${ESCROW_PROGRAM} failed: custom program error: `),
  );
  const code = failed === undefined ? Number.NaN : Number(failed.slice(failed.lastIndexOf(" ") + 1));
  return escrowErrors[code]?.name ?? null;
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

/** The instruction with one account put in place of another. */
export function withAccount(
  instruction: Instruction,
  position: number,
  change: Partial<AccountMeta>,
): Instruction {
  const accounts = [...(instruction.accounts ?? [])];
  const before = accounts[position];
  if (before === undefined) throw new RangeError(`no account ${position}`);
  // A signer's key would sign for the old address.
  accounts[position] = { address: before.address, role: before.role, ...change };
  return { ...instruction, accounts };
}
