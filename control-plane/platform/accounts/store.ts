import { type Account, type AccountId, type Id, makeId, type Scope, scopeSchema } from "@ionet/protocol";
import type { ColumnType } from "kysely";
import { z } from "zod";
import type { Context, Db } from "../context.ts";
import type { Caller } from "../http/handlers.ts";

type Accounts = { id: string; wallet: string; created_at_ms: number };
type Challenges = { nonce: string; wallet: string; message: string; expires_at_ms: number };
type AccessKeys = {
  id: string;
  account_id: string;
  secret_sha256: Uint8Array;
  name: string | null;
  scopes: ColumnType<unknown, string, string>;
  created_at_ms: number;
  expires_at_ms: number;
};

const tables = (db: Db) =>
  db.withTables<{ accounts: Accounts; sign_in_challenges: Challenges; access_keys: AccessKeys }>();
const scopes = z.array(scopeSchema);

/** The account of a wallet, made when it is new. */
export async function accountOf(
  ctx: Pick<Context, "random" | "clock">,
  db: Db,
  wallet: string,
): Promise<Account> {
  const fresh = { id: makeId("account", ctx.random.bytes(20)), wallet, created_at_ms: ctx.clock.now() };
  await tables(db)
    .insertInto("accounts")
    .values(fresh)
    .onConflict((conflict) => conflict.column("wallet").doNothing())
    .execute();
  const row = await tables(db)
    .selectFrom("accounts")
    .selectAll()
    .where("wallet", "=", wallet)
    .executeTakeFirstOrThrow();
  return toAccount(row);
}

/** An account by its id. Throws when there is none: ids come from keys, which have one. */
export async function accountById(db: Db, id: AccountId): Promise<Account> {
  return toAccount(
    await tables(db).selectFrom("accounts").selectAll().where("id", "=", id).executeTakeFirstOrThrow(),
  );
}

const toAccount = (row: Accounts): Account => ({
  id: row.id as AccountId,
  wallet: row.wallet,
  createdAt: new Date(row.created_at_ms).toISOString(),
});

/** Remembers a sign-in message that was given out, and forgets those that have expired. */
export async function insertChallenge(db: Db, challenge: Challenges, nowMs: number): Promise<void> {
  await tables(db)
    .deleteFrom("sign_in_challenges")
    .where("expires_at_ms", "<", nowMs - 600_000)
    .execute();
  await tables(db).insertInto("sign_in_challenges").values(challenge).execute();
}

export const findChallenge = (db: Db, nonce: string): Promise<Challenges | undefined> =>
  tables(db).selectFrom("sign_in_challenges").selectAll().where("nonce", "=", nonce).executeTakeFirst();

/** Uses a nonce up. False when it was used before. */
export async function useChallenge(db: Db, nonce: string): Promise<boolean> {
  const { numDeletedRows } = await tables(db)
    .deleteFrom("sign_in_challenges")
    .where("nonce", "=", nonce)
    .executeTakeFirstOrThrow();
  return numDeletedRows === 1n;
}

/** An API key, or a sign-in token (name null). */
export type AccessKey = {
  id: Id<"apiKey">;
  accountId: AccountId;
  secretSha256: Uint8Array;
  name: string | null;
  scopes: readonly Scope[];
  createdAtMs: number;
  expiresAtMs: number;
};

export async function insertAccessKey(db: Db, key: AccessKey): Promise<void> {
  await tables(db).deleteFrom("access_keys").where("expires_at_ms", "<", key.createdAtMs).execute();
  await tables(db)
    .insertInto("access_keys")
    .values({
      id: key.id,
      account_id: key.accountId,
      secret_sha256: key.secretSha256,
      name: key.name,
      scopes: JSON.stringify(key.scopes),
      created_at_ms: key.createdAtMs,
      expires_at_ms: key.expiresAtMs,
    })
    .execute();
}

/** Who holds the secret with this hash, unless it has expired. */
export async function callerBySecret(
  db: Db,
  secretSha256: Uint8Array,
  nowMs: number,
): Promise<Caller | null> {
  const row = await tables(db)
    .selectFrom("access_keys")
    .innerJoin("accounts", "accounts.id", "access_keys.account_id")
    .select(["accounts.id", "accounts.wallet", "access_keys.scopes", "access_keys.name"])
    .where("secret_sha256", "=", secretSha256)
    .where("expires_at_ms", ">", nowMs)
    .executeTakeFirst();
  if (row === undefined) return null;
  return {
    accountId: row.id as AccountId,
    wallet: row.wallet,
    scopes: scopes.parse(row.scopes),
    by: row.name === null ? "sign-in" : "api-key",
  };
}

/** API keys of an account that have not expired, by id. */
export async function apiKeysOf(
  db: Db,
  accountId: AccountId,
  page: { after: string; limit: number; nowMs: number },
): Promise<Omit<AccessKey, "secretSha256">[]> {
  const rows = await tables(db)
    .selectFrom("access_keys")
    .selectAll()
    .where("account_id", "=", accountId)
    .where("name", "is not", null)
    .where("expires_at_ms", ">", page.nowMs)
    .where("id", ">", page.after)
    .orderBy("id")
    .limit(page.limit)
    .execute();
  return rows.map((row) => ({
    id: row.id as Id<"apiKey">,
    accountId,
    name: row.name,
    scopes: scopes.parse(row.scopes),
    createdAtMs: row.created_at_ms,
    expiresAtMs: row.expires_at_ms,
  }));
}

/** Revokes an API key at once. False when the account has no such key. */
export async function deleteApiKey(db: Db, accountId: AccountId, id: string): Promise<boolean> {
  const { numDeletedRows } = await tables(db)
    .deleteFrom("access_keys")
    .where("account_id", "=", accountId)
    .where("id", "=", id)
    .where("name", "is not", null)
    .executeTakeFirstOrThrow();
  return numDeletedRows === 1n;
}
