const MESSAGES = {
  ledger_taken: {
    allowed: "a folder that no other network is using",
    next: "stop the other network, or give --ledger another folder",
  },
  ledger_unreadable: {
    allowed: "a new or empty folder, or one that --ledger made",
    next: "give --ledger another folder; the network begins anew there",
  },
} as const;

/** The folder named by --ledger cannot be used: another process has it, or it holds no ledger of this format. */
export class LedgerProblem extends Error {
  readonly code: keyof typeof MESSAGES;
  constructor(code: keyof typeof MESSAGES, folder: string, reason: string, options?: ErrorOptions) {
    const { allowed, next } = MESSAGES[code];
    super(`ledger: given ${folder} (${reason}); allowed: ${allowed}; next: ${next}`, options);
    this.code = code;
  }
}
