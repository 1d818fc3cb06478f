import type { FailedTransactionMetadata } from "litesvm";

/** A transaction's error in the form a node's JSON has: a name, or an object of one name. */
export type TransactionError = string | { readonly [name: string]: unknown };

/** The names in LiteSVM's numbering (TransactionErrorFieldless). */
const TRANSACTION_ERRORS = [
  "AccountInUse AccountLoadedTwice AccountNotFound ProgramAccountNotFound InsufficientFundsForFee",
  "InvalidAccountForFee AlreadyProcessed BlockhashNotFound CallChainTooDeep MissingSignatureForFee",
  "InvalidAccountIndex SignatureFailure InvalidProgramForExecution SanitizeFailure ClusterMaintenance",
  "AccountBorrowOutstanding WouldExceedMaxBlockCostLimit UnsupportedVersion InvalidWritableAccount",
  "WouldExceedMaxAccountCostLimit WouldExceedAccountDataBlockLimit TooManyAccountLocks",
  "AddressLookupTableNotFound InvalidAddressLookupTableOwner InvalidAddressLookupTableData",
  "InvalidAddressLookupTableIndex InvalidRentPayingAccount WouldExceedMaxVoteCostLimit",
  "WouldExceedAccountDataTotalLimit MaxLoadedAccountsDataSizeExceeded ResanitizationNeeded",
  "InvalidLoadedAccountsDataSizeLimit UnbalancedTransaction ProgramCacheHitMaxLimit CommitCancelled",
].flatMap((line) => line.split(" "));

/** The names in LiteSVM's numbering (InstructionErrorFieldless). */
const INSTRUCTION_ERRORS = [
  "GenericError InvalidArgument InvalidInstructionData InvalidAccountData AccountDataTooSmall",
  "InsufficientFunds IncorrectProgramId MissingRequiredSignature AccountAlreadyInitialized UninitializedAccount",
  "UnbalancedInstruction ModifiedProgramId ExternalAccountLamportSpend ExternalAccountDataModified",
  "ReadonlyLamportChange ReadonlyDataModified DuplicateAccountIndex ExecutableModified RentEpochModified",
  "NotEnoughAccountKeys AccountDataSizeChanged AccountNotExecutable AccountBorrowFailed",
  "AccountBorrowOutstanding DuplicateAccountOutOfSync InvalidError ExecutableDataModified",
  "ExecutableLamportChange ExecutableAccountNotRentExempt UnsupportedProgramId CallDepth MissingAccount",
  "ReentrancyNotAllowed MaxSeedLengthExceeded InvalidSeeds InvalidRealloc ComputationalBudgetExceeded",
  "PrivilegeEscalation ProgramEnvironmentSetupFailure ProgramFailedToComplete ProgramFailedToCompile",
  "Immutable IncorrectAuthority AccountNotRentExempt InvalidAccountOwner ArithmeticOverflow",
  "UnsupportedSysvar IllegalOwner MaxAccountsDataAllocationsExceeded MaxAccountsExceeded",
  "MaxInstructionTraceLengthExceeded BuiltinProgramsMustConsumeComputeUnits BorshIoError",
].flatMap((line) => line.split(" "));

/** Puts LiteSVM's error into the JSON form that nodes use and `@solana/kit` reads. */
export function transactionErrorOf(failed: FailedTransactionMetadata): TransactionError {
  const error = failed.err();
  if (typeof error === "number") return TRANSACTION_ERRORS[error] ?? "SanitizeFailure";
  if ("err" in error) {
    const inner = error.err();
    if (typeof inner === "number")
      return { InstructionError: [error.index, INSTRUCTION_ERRORS[inner] ?? "GenericError"] };
    return { InstructionError: [error.index, "code" in inner ? { Custom: inner.code } : "BorshIoError"] };
  }
  if ("index" in error) return { DuplicateInstruction: error.index };
  // Two classes have the same single field; only their names differ.
  const name = error.constructor.name.includes("Rent")
    ? "InsufficientFundsForRent"
    : "ProgramExecutionTemporarilyRestricted";
  return { [name]: { account_index: error.accountIndex } };
}

const SENTENCES: Record<string, string> = {
  AccountNotFound: "Attempt to debit an account but found no record of a prior credit.",
  AlreadyProcessed: "This transaction has already been processed",
  BlockhashNotFound: "Blockhash not found",
  InsufficientFundsForFee: "Insufficient funds for fee",
  InvalidAccountForFee: "This account may not be used to pay transaction fees",
  ProgramAccountNotFound: "Attempt to load a program that does not exist",
  SanitizeFailure: "Transaction failed to sanitize accounts offsets correctly",
  SignatureFailure: "Transaction did not pass signature verification",
};

/** An error in the words that wallets show; the well-known ones as a node says them. */
export function sentenceOf(error: TransactionError): string {
  if (typeof error === "string") return SENTENCES[error] ?? error;
  const [name, detail] = Object.entries(error)[0] ?? ["", undefined];
  if (name !== "InstructionError" || !Array.isArray(detail)) return `${name} ${JSON.stringify(detail)}`;
  const [index, reason] = detail;
  const custom = reason?.Custom;
  const words =
    typeof custom === "number" ? `custom program error: 0x${custom.toString(16)}` : String(reason);
  return `Error processing Instruction ${index}: ${words}`;
}
