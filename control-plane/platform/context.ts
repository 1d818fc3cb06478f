import type { Chain } from "@ionet/chain";
import type { Clock } from "@ionet/machine";
import type { KeyPairSigner } from "@solana/kit";
import type { Kysely, Transaction } from "kysely";

/**
 * The database, without tables: each step's store.ts names its own with `db.withTables<…>()`, so that no other folder
 * reads them.
 */
export type Tables = Record<never, never>;
export type Db = Kysely<Tables> | Transaction<Tables>;

export type Random = { bytes(count: number): Uint8Array };

export type Log = {
  info(context: object, message: string): void;
  warn(context: object, message: string): void;
  error(context: object, message: string): void;
};

/** The reconcilers of the flow, in its order. */
export type ReconcilerName =
  | "nodes"
  | "reservations"
  | "escrows"
  | "clusters"
  | "requests"
  | "metering"
  | "settlement";

/** All that a step may reach. Made once in main.ts; in tests with a clock and randomness of their own. */
export type Context = {
  db: Kysely<Tables>;
  clock: Clock;
  random: Random;
  log: Log;
  /** Wakes a reconciler now instead of at its next tick. Losing a wake loses time, never work. */
  wake(name: ReconcilerName): void;
  /** Tells long-polling agents that what is desired of this node may have changed. */
  nodeChanged(nodeId: string): void;
};

/** What the steps that touch money need besides: the chain, the meter's key, the key that pays for transactions. */
export type ChainContext = Context & {
  chain: Chain;
  meter: KeyPairSigner;
  payer: KeyPairSigner;
};
