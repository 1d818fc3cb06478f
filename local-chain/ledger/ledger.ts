import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { errorText } from "@ionet/machine";
import { type Address, address, type EncodedAccount, lamports } from "@solana/kit";
import { z } from "zod";
import type { AccountState } from "../account-versions.ts";
import { SYSTEM_PROGRAM } from "../genesis.ts";
import type { TransactionRecord } from "../transaction-log.ts";
import { LedgerProblem } from "./ledger-problem.ts";
import { readRecord, storeRecord } from "./stored-record.ts";

/** What makes a network the one that it is, fixed when it first starts. */
export type NetworkOrigin = {
  readonly seed: Uint8Array;
  readonly faucetKey: Uint8Array;
  readonly startedMs: number;
  readonly firstSlot: bigint;
  readonly firstHeight: bigint;
};

/** How far a network has come. */
export type NetworkProgress = {
  /** The newest slot that clients can have seen. */
  readonly slot: bigint;
  /** How far its clock is ahead of the machine's, in milliseconds. */
  readonly aheadMs: number;
  /** Transactions of all time, forgotten ones too. */
  readonly transactions: number;
};

/** What a slot did. */
export type SlotChanges = {
  readonly records: readonly TransactionRecord[];
  readonly accounts: readonly { address: Address; state: AccountState }[];
  /** Records of older slots are forgotten. */
  readonly oldestSlot: bigint;
};

/** A network's state on disk: it survives the process, however that ends. */
export type Ledger = {
  /** Undefined where no network has begun here yet. */
  origin(): (NetworkOrigin & NetworkProgress) | undefined;
  begin(origin: NetworkOrigin, progress: NetworkProgress): void;
  /** All accounts that differ from a fresh genesis; `state` null where one was closed. */
  accounts(): Iterable<{ address: Address; state: AccountState }>;
  /** Oldest first. */
  records(): Iterable<TransactionRecord>;
  /** Writes all of it or nothing; it is on disk, synced, when this returns. */
  commit(progress: NetworkProgress, changes: SlotChanges): void;
  /** Notes progress where nothing else changed: it survives the process, and need not survive the machine. */
  note(progress: NetworkProgress): void;
  close(): void;
};

const FORMAT = 1;
const SQLITE_BUSY = 5;
const TABLES = `
  CREATE TABLE network (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    seed BLOB NOT NULL, faucet_key BLOB NOT NULL,
    started_ms INTEGER NOT NULL, first_slot INTEGER NOT NULL, first_height INTEGER NOT NULL,
    slot INTEGER NOT NULL, ahead_ms INTEGER NOT NULL, transactions INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE account (
    address TEXT PRIMARY KEY, owner TEXT NOT NULL, lamports INTEGER NOT NULL, executable INTEGER NOT NULL,
    data BLOB NOT NULL
  ) STRICT;
  CREATE TABLE record (
    slot INTEGER NOT NULL, place INTEGER NOT NULL, bytes BLOB NOT NULL, said BLOB NOT NULL,
    PRIMARY KEY (slot, place)
  ) STRICT;
  PRAGMA user_version = ${FORMAT};`;

const blob = z.instanceof(Uint8Array);
const networkRow = z.object({
  seed: blob,
  faucet_key: blob,
  started_ms: z.bigint(),
  first_slot: z.bigint(),
  first_height: z.bigint(),
  slot: z.bigint(),
  ahead_ms: z.bigint(),
  transactions: z.bigint(),
});
const accountRow = z.object({
  address: z.string(),
  owner: z.string(),
  lamports: z.bigint(),
  executable: z.bigint(),
  data: blob,
});
const recordRow = z.object({ slot: z.bigint(), place: z.bigint(), bytes: blob, said: blob });

/**
 * Opens the ledger in a folder, which is made where there is none. SQLite's write-ahead log is what makes a commit
 * whole or absent after any end of the process; its lock keeps a second process out and ends with the first.
 *
 * @throws LedgerProblem `ledger_taken`, `ledger_unreadable`
 */
export function openLedger(folder: string): Ledger {
  const database = openDatabase(folder);
  const sql = (text: string) => {
    const statement = database.prepare(text);
    statement.setReadBigInts(true);
    return statement;
  };
  const putProgress = sql("UPDATE network SET slot = ?, ahead_ms = ?, transactions = ?");
  const putAccount = sql("INSERT OR REPLACE INTO account VALUES (?, ?, ?, ?, ?)");
  const putRecord = sql("INSERT OR IGNORE INTO record VALUES (?, ?, ?, ?)");
  const dropRecords = sql("DELETE FROM record WHERE slot < ?");
  const note = (progress: NetworkProgress) => {
    putProgress.run(progress.slot, Math.ceil(progress.aheadMs), progress.transactions);
  };

  const durably = (write: () => void) => writeDurably(database, write);

  return {
    origin() {
      const row = sql("SELECT * FROM network").get();
      return row === undefined ? undefined : readOrigin(row);
    },
    begin(origin, progress) {
      durably(() => {
        sql("INSERT INTO network VALUES (1, ?, ?, ?, ?, ?, ?, 0, 0)").run(
          origin.seed,
          origin.faucetKey,
          origin.startedMs,
          origin.firstSlot,
          origin.firstHeight,
          progress.slot,
        );
        note(progress);
      });
    },
    *accounts() {
      for (const row of sql("SELECT * FROM account").iterate()) yield readAccount(accountRow.parse(row));
    },
    *records() {
      for (const row of sql("SELECT * FROM record ORDER BY slot, place").iterate()) {
        const { place, ...stored } = recordRow.parse(row);
        yield readRecord({ ...stored, place: Number(place) });
      }
    },
    commit(progress, { records, accounts, oldestSlot }) {
      durably(() => {
        note(progress);
        for (const { address, state } of accounts)
          putAccount.run(
            address,
            state?.programAddress ?? SYSTEM_PROGRAM,
            state?.lamports ?? 0n,
            state?.executable ? 1 : 0,
            new Uint8Array(state?.data ?? []),
          );
        for (const record of records) {
          const { slot, place, bytes, said } = storeRecord(record);
          putRecord.run(slot, place, bytes, said);
        }
        dropRecords.run(oldestSlot);
      });
    },
    note,
    close: () => database.close(),
  };
}

/** All of it or nothing. Only what this writes waits for the disk. */
function writeDurably(database: DatabaseSync, write: () => void): void {
  database.exec("PRAGMA synchronous = FULL");
  try {
    database.exec("BEGIN IMMEDIATE");
    write();
    database.exec("COMMIT");
  } catch (cause) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw cause;
  } finally {
    database.exec("PRAGMA synchronous = NORMAL");
  }
}

function readOrigin(row: unknown): NetworkOrigin & NetworkProgress {
  const { faucet_key, started_ms, first_slot, first_height, ahead_ms, ...rest } = networkRow.parse(row);
  return {
    seed: rest.seed,
    faucetKey: faucet_key,
    startedMs: Number(started_ms),
    firstSlot: first_slot,
    firstHeight: first_height,
    slot: rest.slot,
    aheadMs: Number(ahead_ms),
    transactions: Number(rest.transactions),
  };
}

function openDatabase(folder: string): DatabaseSync {
  // It holds the faucet's key: test money, but nobody else's.
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(join(folder, "ledger.sqlite"));
    database.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
    const format = Number(Object.values(database.prepare("PRAGMA user_version").get() ?? {})[0]);
    if (format === 0) database.exec(`BEGIN IMMEDIATE; ${TABLES} COMMIT`);
    else if (format !== FORMAT) throw new Error(`its format is ${format}, not ${FORMAT}`);
    return database;
  } catch (cause) {
    database?.close();
    const reason = errorText(cause);
    const taken = cause instanceof Error && "errcode" in cause && cause.errcode === SQLITE_BUSY;
    throw new LedgerProblem(taken ? "ledger_taken" : "ledger_unreadable", folder, reason, { cause });
  }
}

function readAccount(row: z.infer<typeof accountRow>): { address: Address; state: AccountState } {
  const at = address(row.address);
  if (row.lamports === 0n) return { address: at, state: null };
  const state: EncodedAccount = {
    address: at,
    data: new Uint8Array(row.data),
    executable: row.executable !== 0n,
    lamports: lamports(row.lamports),
    programAddress: address(row.owner),
    space: BigInt(row.data.length),
  };
  return { address: at, state };
}
