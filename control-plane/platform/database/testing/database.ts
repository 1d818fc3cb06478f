import { randomBytes } from "node:crypto";
import { type OpenDatabase, openPglite, openPostgres } from "../open.ts";
import { copyPostgresTemplate, dropPostgresCopy, pgliteTemplate } from "./template.ts";

/**
 * A fresh, migrated database for a test: PGlite in memory, or with TEST_DATABASE_URL a database of its own on that
 * server, so that the same tests run on both.
 */
export async function openTestDatabase(): Promise<OpenDatabase> {
  const url = process.env.TEST_DATABASE_URL;
  if (url === undefined || url === "") return openPglite(undefined, await pgliteTemplate());
  const name = `test_${randomBytes(8).toString("hex")}`;
  const { db, openConnection, close } = await openPostgres(await copyPostgresTemplate(url, name));
  return {
    db,
    openConnection,
    close: async () => {
      await close();
      await dropPostgresCopy(url, name);
    },
  };
}
