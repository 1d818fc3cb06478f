import type { SqlSession } from "./migrate.ts";

/**
 * Rows say in which transaction they changed. In a database that was restored on another server these are numbers of the old
 * one's transactions, which may be far ahead: such rows would be taken for changed at every look. They changed now.
 */
export async function forgetOldTransactions(session: Pick<SqlSession, "script">): Promise<void> {
  for (const table of ["nodes", "node_history"]) {
    await session.script(
      `update ${table} set changed = pg_current_xact_id() where changed > pg_current_xact_id()`,
    );
  }
}
