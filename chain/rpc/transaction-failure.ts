import type { Address, Instruction, TransactionError } from "@solana/kit";
import { programs } from "../programs.ts";
import { ChainError } from "./errors.ts";

/** A transaction that failed, or would have, in words: those of the program of ours that refused, if one did. */
export function transactionFailure(
  error: TransactionError,
  instructions: readonly Instruction[],
  logs: readonly string[],
): ChainError {
  if (typeof error === "object" && "InstructionError" in error) {
    const [position, reason] = error.InstructionError;
    const code = typeof reason === "object" ? Number(reason.Custom) : null;
    return (
      programRefusal(code, instructions[Number(position)]?.programAddress, logs) ??
      insufficientFunds(logs) ??
      new ChainError("simulation-failed", `instruction ${position} fails: ${describe(reason)}`, { logs })
    );
  }
  const lacksFunds =
    error === "AccountNotFound" ||
    error === "InsufficientFundsForFee" ||
    (typeof error === "object" && "InsufficientFundsForRent" in error);
  if (lacksFunds) {
    const message = `the payer has too few lamports for fee and rent (${describe(error)}); send it some SOL`;
    return new ChainError("insufficient-funds", message, { logs });
  }
  return new ChainError("simulation-failed", `the transaction fails: ${describe(error)}`, { logs });
}

function programRefusal(code: number | null, program: Address | undefined, logs: readonly string[]) {
  const ours = programs.find(({ address }) => address === program);
  const known = code === null ? undefined : ours?.errors[code];
  if (ours === undefined || known === undefined) return null;
  const message = `the ${ours.name} program refuses: ${known.message} (${known.name}, ${code})`;
  return new ChainError("program-error", message, { programErrorName: known.name, logs });
}

/** The system and the token program say so in their logs only: their codes overlap with others'. */
function insufficientFunds(logs: readonly string[]) {
  const words = logs.find((line) => /insufficient (lamports|funds)/i.test(line));
  if (words === undefined) return null;
  const message = `an account has too little for this transaction: ${words.replace(/^Program log: /, "")}`;
  return new ChainError("insufficient-funds", message, { logs });
}

function describe(reason: unknown): string {
  const plain = (_key: string, value: unknown) => (typeof value === "bigint" ? Number(value) : value);
  return typeof reason === "string" ? reason : JSON.stringify(reason, plain);
}
