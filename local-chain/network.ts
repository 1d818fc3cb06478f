import { createHash } from "node:crypto";
import type { Clock } from "@ionet/machine";
import {
  type Address,
  address,
  type EncodedAccount,
  getBase58Decoder,
  type KeyPairSigner,
} from "@solana/kit";
import { Clock as ClockSysvar, type LiteSVM } from "litesvm";
import { type AccountState, type AccountVersions, createAccountVersions } from "./account-versions.ts";
import { aheadAfter, beginNetwork } from "./beginning.ts";
import type { MovableClock } from "./clock.ts";
import type { Simulation } from "./execution.ts";
import type { Ledger, NetworkProgress } from "./ledger/ledger.ts";
import { createListeners, type NetworkListener } from "./listeners.ts";
import { newestOf, readAccounts } from "./read-accounts.ts";
import { createRunner } from "./runner.ts";
import { type Commitment, createSlots, SLOTS_IN_EPOCH, type Slots } from "./slots.ts";
import { SYSVAR, sysvarAt } from "./sysvars.ts";
import type { TransactionError } from "./transaction-error.ts";
import { createTransactionLog, type TransactionLog, type TransactionRecord } from "./transaction-log.ts";
import { deployUpgradeable, type ProgramToDeploy } from "./upgradeable-program.ts";
import type { WireMessage, WireTransaction } from "./wire-transaction.ts";

export type LocalNetworkOptions = {
  /** Milliseconds since 1970. The network's slots, blockhashes and Clock sysvar follow it and nothing else. */
  readonly clock: Clock | MovableClock;
  /** Gives that many random bytes: the faucet's key and this network's blockhashes come from it. */
  readonly randomBytes: (count: number) => Uint8Array;
  /** Programs to be there from the start; where a ledger has one already, the ledger's stays. */
  readonly programs?: readonly ProgramToDeploy[];
  /** Slots until a slot is final: 2 here; about 31 on mainnet. */
  readonly finalizedAfterSlots?: number;
  /** How many transactions are remembered: 50,000. */
  readonly historyTransactions?: number;
  /** Where the network's state is kept; without it the network ends with its process. The caller closes it. */
  readonly ledger?: Ledger;
};

/** The wallet that test money comes from; it numbers its requests, which keeps equal ones apart. */
export type Faucet = { readonly signer: KeyPairSigner; takeNumber(): number };

/** A Solana network in this process: the SVM, and the slots, history and commitments around it. */
export type LocalNetwork = {
  readonly genesisHash: string;
  /** The one validator that makes all blocks, and the account it votes by. Names only: nobody holds their keys. */
  readonly validator: { readonly identity: Address; readonly vote: Address };
  readonly faucet: Faucet;
  readonly programs: readonly ProgramToDeploy[];
  /** Moves time ahead by seconds; undefined where the network's clock cannot be moved. */
  readonly advance: ((seconds: number) => void) | undefined;
  readonly slots: Slots;
  readonly versions: AccountVersions;
  readonly log: TransactionLog;
  /** Brings slots and sysvars to the clock's time and tells listeners what became settled. Every call does it first. */
  catchUp(): void;
  /** Writes to the ledger what it does not hold yet: at an orderly end. */
  save(): void;
  account(address: Address, commitment: Commitment): AccountState;
  /** An account as it was at the end of `slot`, which is not before the newest final one. */
  accountAt(address: Address, slot: bigint): AccountState;
  programAccounts(program: Address, commitment: Commitment): EncodedAccount[];
  rentExemption(bytes: bigint): bigint;
  /** Why this transaction would not even be run: a dead blockhash, or it ran already; null where nothing bars it. */
  barrier(wire: WireTransaction): TransactionError | null;
  /** Runs it. The caller has checked signatures and `barrier`. Undefined: refused before it ran, no block holds it. */
  submit(wire: WireTransaction): TransactionRecord | undefined;
  /** Puts an account there as it is, by no transaction. */
  setAccount(state: EncodedAccount): void;
  simulate(wire: WireTransaction): Simulation;
  /** What a message costs its fee payer; null where its blockhash, or its nonce, is not good. */
  fee(message: WireMessage): bigint | null;
  /** Adds a listener; gives the way to remove it. */
  listen(listener: NetworkListener): () => void;
};

/**
 * Makes a network whose first slot is open and whose genesis (faucet, test mints, programs) is final.
 *
 * @throws Error when the SVM does not accept a program
 */
export async function createLocalNetwork(options: LocalNetworkOptions): Promise<LocalNetwork> {
  const { ledger, programs = [] } = options;
  const finalizedAfterSlots = BigInt(options.finalizedAfterSlots ?? 2);
  const beginning = await beginNetwork({ ...options, finalizedAfterSlots, ledger });
  const { svm, origin, earlier } = beginning;
  const moving = "advance" in options.clock ? options.clock : undefined;
  const startedAheadMs = aheadAfter(beginning, options.clock);
  const clock: Clock = { now: () => options.clock.now() + startedAheadMs };
  const slots = createSlots({ ...origin, clock, finalizedAfterSlots, reached: earlier?.slot });
  const newest = newestOf(svm);
  const versions = createAccountVersions(newest);
  const accounts = readAccounts(svm, { slots, versions });
  const log = createTransactionLog(options.historyTransactions ?? 50_000, {
    records: earlier === undefined || ledger === undefined ? [] : ledger.records(),
    count: earlier?.transactions ?? 0,
  });
  const deployed: Address[] = [];
  for (const program of programs)
    if (newest(program.address) === null) deployed.push(...(await deployUpgradeable(svm, program)));
  const listeners = createListeners({ slots, versions, log });
  let requests = 0;
  writeSysvars(svm, slots);

  let advancedMs = 0;
  const progress = () => ({
    slot: slots.current(),
    aheadMs: startedAheadMs + advancedMs,
    transactions: log.count(),
  });
  const save = savesTo(ledger, { progress, newest, log, slots });
  const saveOpenSlot = () => save(versions.changedIn(slots.current()));
  save(deployed);
  ledger?.note(progress());

  return {
    genesisHash: nameFrom(origin.seed, "genesis"),
    validator: {
      identity: address(nameFrom(origin.seed, "validator")),
      vote: address(nameFrom(origin.seed, "vote")),
    },
    faucet: { signer: beginning.faucet, takeNumber: () => ++requests },
    programs,
    advance:
      moving &&
      ((seconds) => {
        moving.advance(seconds);
        advancedMs += seconds * 1000;
      }),
    slots,
    versions,
    log,
    save: saveOpenSlot,
    catchUp() {
      if (!slots.isOver()) return;
      // What others are told is confirmed must be on disk before; where it cannot be, nothing is told.
      saveOpenSlot();
      const finalBefore = slots.at("finalized");
      const confirmedBefore = slots.at("confirmed");
      const from = slots.moveOn();
      if (from === undefined) return;
      ledger?.note(progress());
      writeSysvars(svm, slots);
      listeners.movedOn({ from, finalBefore, confirmedBefore });
      versions.forgetBefore(slots.at("finalized"));
    },
    ...accounts,
    rentExemption: (bytes) => svm.minimumBalanceForRentExemption(bytes),
    ...createRunner({ svm, slots, versions, log, listeners, newest }),
    listen: listeners.add,
  };
}

/** Writes accounts, and what ran in the open slot, to the ledger where there is one; nothing where no account changed. */
const savesTo =
  (
    ledger: Ledger | undefined,
    parts: {
      progress: () => NetworkProgress;
      newest: (address: Address) => AccountState;
      log: TransactionLog;
      slots: Slots;
    },
  ) =>
  (written: Iterable<Address>): void => {
    const { progress, newest, log, slots } = parts;
    const accounts = [...written].map((address) => ({ address, state: newest(address) }));
    if (accounts.length === 0) return;
    const records = log.inSlot(slots.current());
    ledger?.commit(progress(), { records, accounts, oldestSlot: log.oldestSlot() ?? 0n });
  };

/** 32 bytes in base58 that are this network's own. */
function nameFrom(seed: Uint8Array, purpose: string): string {
  return getBase58Decoder().decode(createHash("sha256").update(seed).update(purpose).digest());
}

/** Programs see real seconds, and the slot hashes that creating a lookup table needs. */
function writeSysvars(svm: LiteSVM, slots: Slots): void {
  const slot = slots.current();
  const epoch = slot / SLOTS_IN_EPOCH;
  const epochStart = slots.unixSeconds(epoch * SLOTS_IN_EPOCH);
  svm.setClock(new ClockSysvar(slot, epochStart, epoch, epoch + 1n, slots.unixSeconds(slot)));
  const past = slots.liveBlockhashes().filter((known) => known.slot < slot);
  svm.setSlotHashes(past.reverse());
  svm.expireBlockhash();
  const recent = svm.getAccount(SYSVAR.recentBlockhashes);
  const data = sysvarAt(slots, SYSVAR.recentBlockhashes, slot);
  if (recent.exists && data !== undefined) svm.setAccount({ ...recent, data, space: BigInt(data.length) });
}
