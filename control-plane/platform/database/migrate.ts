import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";

/** One connection as migrations need it. `script` takes several statements and runs them as one transaction. */
export type SqlSession = {
  rows(text: string): Promise<Record<string, unknown>[]>;
  script(text: string): Promise<void>;
};

/** A migration: plain SQL, forward only. `name` is its file's name without `.sql`. */
export type Migration = { name: string; text: string };

const NAME = /^\d{4}_[a-z0-9_]+$/;

/** The migrations of this folder in their order. */
export function readMigrations(folder = new URL("migrations/", import.meta.url)): Migration[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".sql"))
    .sort()
    .map((file) => ({ name: file.slice(0, -4), text: readFileSync(new URL(file, folder), "utf8") }));
}

/**
 * Applies what was not applied yet, each migration in one transaction together with the record of it, so that a
 * process killed in between goes on where it was. Throws when a recorded migration reads differently now.
 */
export async function migrate(session: SqlSession, migrations = readMigrations()): Promise<void> {
  await session.script(
    "create table if not exists schema_migrations (name text primary key, sha256 text not null, applied_at timestamptz not null default now())",
  );
  const applied = new Map<unknown, unknown>();
  for (const row of await session.rows("select name, sha256 from schema_migrations")) {
    applied.set(row.name, row.sha256);
  }
  for (const { name, text } of migrations) {
    if (!NAME.test(name)) throw new Error(`migration ${name}: a name is four digits, _ and small letters`);
    const sha256 = createHash("sha256").update(text).digest("hex");
    const recorded = applied.get(name);
    if (recorded !== undefined && recorded !== sha256) {
      throw new Error(
        `migration-changed: ${name} was applied to this database in another wording; write a new migration instead`,
      );
    }
    if (recorded !== undefined) continue;
    // Statements sent together without BEGIN are one transaction (PostgreSQL, "Multiple Statements in a Simple Query").
    await session.script(
      `${text}\n;insert into schema_migrations (name, sha256) values ('${name}', '${sha256}');`,
    );
  }
}
