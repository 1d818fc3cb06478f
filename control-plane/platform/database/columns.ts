import type { ColumnType } from "kysely";

/** A number that may be missing; an insertion may leave it out. */
export type NumberOrNull = ColumnType<number | null, number | null | undefined, number | null>;
