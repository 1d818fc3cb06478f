import { createHash } from "node:crypto";
import type { LeaseId } from "./ids.ts";
import { encodeStatement, STATEMENT_DOMAIN, type UnsignedStatement } from "./statement.ts";

/** What a statement's first `previous` is: the hash of its lease's name. */
export const firstPrevious = (leaseId: LeaseId): string => sha256(`${STATEMENT_DOMAIN}:first:${leaseId}`);

/** The `previous` of the next statement. */
export const hashStatement = (statement: UnsignedStatement): string => sha256(encodeStatement(statement));

const sha256 = (bytes: string | Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
