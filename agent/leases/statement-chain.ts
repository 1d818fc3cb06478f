import {
  appendFileSync,
  closeSync,
  fdatasyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  truncateSync,
} from "node:fs";
import { join } from "node:path";
import { encodeStatement, type LeaseId, type Statement, statementSchema } from "@ionet/protocol";
import { firstPrevious, hashStatement } from "@ionet/protocol/node";

const FILE = "statements.jsonl";

/** A lease's statements on this machine: each on the disk before it is sent, so that an agent's end loses none. */
export type StatementChain = {
  /** Says one more: signs it, chains it, writes it down. A clock that went back does not make the chain go back. */
  append(word: { atMs: number; gpus: number[]; peersAlive: LeaseId[] | null }): Statement;
  /** The control plane has everything before this sequence. */
  acknowledge(nextSequence: number): void;
  /** Those it may not have, oldest first, at most `limit`. */
  outstanding(limit: number): Statement[];
  first(): Statement | undefined;
  last(): Statement | undefined;
};

/** Opens the chain of a lease in its folder. A line torn by a power cut at the end is dropped. */
export function openStatementChain(options: {
  folder: string;
  leaseId: LeaseId;
  sign: (bytes: Uint8Array) => string;
}): StatementChain {
  mkdirSync(options.folder, { recursive: true, mode: 0o700 });
  const path = join(options.folder, FILE);
  const statements = readChain(path);
  let acknowledged = 0;
  return {
    append: (word) => {
      const last = statements.at(-1);
      const unsigned = {
        leaseId: options.leaseId,
        sequence: statements.length,
        atMs: Math.max(word.atMs, (last?.atMs ?? 0) + 1),
        gpus: word.gpus,
        peersAlive: word.peersAlive,
        previous: last === undefined ? firstPrevious(options.leaseId) : hashStatement(last),
      };
      const statement = { ...unsigned, signature: options.sign(encodeStatement(unsigned)) };
      const file = openSync(path, "a", 0o600);
      try {
        appendFileSync(file, `${JSON.stringify(statement)}\n`);
        fdatasyncSync(file);
      } finally {
        closeSync(file);
      }
      statements.push(statement);
      return statement;
    },
    acknowledge: (nextSequence) => {
      acknowledged = Math.min(Math.max(acknowledged, nextSequence), statements.length);
    },
    outstanding: (limit) => statements.slice(acknowledged, acknowledged + limit),
    first: () => statements[0],
    last: () => statements.at(-1),
  };
}

function readChain(path: string): Statement[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  if (whole.length < text.length) truncateSync(path, Buffer.byteLength(whole));
  return whole
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => statementSchema.parse(JSON.parse(line)));
}
