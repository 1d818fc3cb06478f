import { type Expression, type SqlBool, sql } from "kysely";

/**
 * That a column of text is one of these: one parameter however long the list is. `in` takes one each, of which
 * PostgreSQL counts no more than 65,535.
 */
export const anyOf = (column: string, values: readonly string[]): Expression<SqlBool> =>
  sql<SqlBool>`${sql.ref(column)} = any(${values})`;
