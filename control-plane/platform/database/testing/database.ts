import { randomBytes } from "node:crypto";
import { sql } from "kysely";
import { type OpenDatabase, openPglite, openPostgres } from "../open.ts";

/**
 * A fresh, migrated database for a test: PGlite in memory, or with TEST_DATABASE_URL a schema of its own on that server,
 * so that the same tests run on both.
 */
export async function openTestDatabase(): Promise<OpenDatabase> {
  const url = process.env.TEST_DATABASE_URL;
  if (url === undefined || url === "") return openPglite();
  const schema = `test_${randomBytes(8).toString("hex")}`;
  const { db, openConnection, close } = await openPostgres(url, schema);
  return {
    db,
    openConnection,
    close: async () => {
      await sql`drop schema ${sql.id(schema)} cascade`.execute(db);
      await close();
    },
  };
}
