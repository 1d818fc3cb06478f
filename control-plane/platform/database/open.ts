import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { type Lock, LockHeld, takeLock } from "@ionet/machine";
import { Kysely, PGliteDialect, PostgresDialect } from "kysely";
import pg from "pg";
import type { Tables } from "../context.ts";
import { forgetOldTransactions } from "./after-restore.ts";
import { DatabaseFolderInUse } from "./folder-in-use.ts";
import { migrate, type SqlSession } from "./migrate.ts";

/*
 * PostgreSQL is the truth: a server by its URL, or PGlite in a folder or in memory. Both give the same values:
 * int8 (times in ms, counts) is a number, numeric (amounts) is text for BigInt, jsonb is parsed, bytea is a Uint8Array.
 * PGlite has one connection: inside a transaction use the transaction, since `ctx.db` would wait for itself.
 */

const INT8 = 20;

/** An int8 as a number; amounts, which may be larger, live in numeric columns. */
function safeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`int8 ${text} is too large for a number`);
  return value;
}

/**
 * A connection that stays the same until it is closed, so that locks of the session can live on it. Once it has broken it
 * answers nothing any more. A server that accepts it, or a query, and then says nothing fails it after a while: the query
 * may still be carried out then, at any time until the server has noticed that the connection is closed.
 */
export type OwnConnection = { db: Kysely<Tables>; close(): Promise<void> };

/**
 * How long an own connection waits to be opened and for the answer to a query, in ms. It is kept on this side: a limit of
 * the server's (statement_timeout) is of no use where the server is silent.
 */
const ANSWER_LIMIT_MS = 30_000;

/** An open database, migrated. PGlite has one connection, which is everybody's own. */
export type OpenDatabase = {
  db: Kysely<Tables>;
  /** @param limitMs how long it waits for an answer; PGlite, which is in this process, has no limit */
  openConnection(limitMs?: number): OwnConnection;
  close(): Promise<void>;
};

/**
 * Where the network is cut, the server must not keep a session's locks for the hours that TCP waits by itself: it asks a
 * connection that says nothing every 10 s from 30 s on, and ends it after three times without an answer.
 */
const FREED_WHEN_CUT = ["tcp_keepalives_idle=30", "tcp_keepalives_interval=10", "tcp_keepalives_count=3"];

/**
 * The folder of the database's files, open to its owner alone: PGlite makes its files writable by everybody, so the
 * folder is what keeps others out.
 */
function ownFolder(path: string): string {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  chmodSync(path, 0o700);
  return path;
}

/** PGlite does not keep a second process out of its folder, and two of them lose writes: the lock file does. */
async function takeFolder(folder: string): Promise<Lock> {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, "database.lock");
  return takeLock(path).catch((error: unknown) => {
    throw error instanceof LockHeld ? new DatabaseFolderInUse(path, error.holder.pid) : error;
  });
}

/**
 * Opens PGlite: in `folder`, behind its lock file (throws DatabaseFolderInUse), or in memory without one.
 * @param copyOf a dumped database to begin with; a new database begins empty when it is not given
 */
export async function openPglite(folder?: string, copyOf?: Blob): Promise<OpenDatabase> {
  const lock = folder === undefined ? undefined : await takeFolder(folder);
  try {
    const dataDir = folder === undefined ? "memory://" : ownFolder(join(folder, "database"));
    const pglite = await PGlite.create({
      dataDir,
      parsers: { [INT8]: safeInteger },
      ...(copyOf === undefined ? {} : { loadDataDir: copyOf }),
    });
    const session: SqlSession = {
      rows: async (text) => (await pglite.query<Record<string, unknown>>(text)).rows,
      script: async (text) => {
        await pglite.exec(text);
      },
    };
    await migrate(session);
    await forgetOldTransactions(session);
    const db = new Kysely<Tables>({ dialect: new PGliteDialect({ pglite }) });
    const close = async () => {
      await db.destroy();
      if (!pglite.closed) await pglite.close();
      await lock?.release();
    };
    return { db, close, openConnection: () => ({ db, close: async () => {} }) };
  } catch (error) {
    await lock?.release();
    throw error;
  }
}

/**
 * Opens a PostgreSQL server by its URL. Throws what the driver throws when the server can't be reached.
 * @param schema the schema to live in, made when it is missing; the server's default when not given
 */
export async function openPostgres(url: string, schema?: string): Promise<OpenDatabase> {
  const types = {
    getTypeParser: (oid: number, format?: "text" | "binary") =>
      oid === INT8 ? safeInteger : pg.types.getTypeParser(oid, format),
  };
  const connect = (settings: pg.PoolConfig, ofSession: readonly string[] = []): pg.Pool => {
    const set = schema === undefined ? ofSession : [`search_path=${schema}`, ...ofSession];
    const options = set.length === 0 ? {} : { options: set.map((one) => `-c ${one}`).join(" ") };
    const pool = new pg.Pool({ connectionString: url, types, ...options, ...settings });
    // An idle connection that breaks is replaced at the next query, one in use fails its query or its transaction; without
    // listeners either would end the process.
    pool.on("connect", (client) => client.on("error", () => {}));
    return pool.on("error", () => {});
  };
  const pool = connect({ max: 20 });
  const client = await pool.connect();
  try {
    if (schema !== undefined) await client.query(`create schema if not exists ${schema}`);
    const session: SqlSession = {
      rows: async (text) => (await client.query<Record<string, unknown>>(text)).rows,
      script: async (text) => {
        await client.query(text);
      },
    };
    // Several control planes may start at once on one server: one migrates, the others wait here.
    await session.script("select pg_advisory_lock(hashtext('ionet migrations'))");
    try {
      await migrate(session);
      await forgetOldTransactions(session);
    } finally {
      await session.script("select pg_advisory_unlock(hashtext('ionet migrations'))");
    }
  } catch (error) {
    client.release();
    await pool.end();
    throw error;
  }
  client.release();
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  const openConnection = (limitMs = ANSWER_LIMIT_MS): OwnConnection => {
    let connected = false;
    const onConnect = () => {
      if (connected) throw new Error("the connection broke, and is not replaced");
      connected = true;
    };
    const limits = { connectionTimeoutMillis: limitMs, query_timeout: limitMs };
    const pool = connect({ max: 1, idleTimeoutMillis: 0, onConnect, ...limits }, FREED_WHEN_CUT);
    const own = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
    return { db: own, close: () => own.destroy() };
  };
  const close = async () => {
    await db.destroy();
    // Kysely ends the pool of a database that was asked something; of any other the connection would stay.
    if (!pool.ended) await pool.end();
  };
  return { db, openConnection, close };
}
