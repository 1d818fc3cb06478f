import { expect, test } from "vitest";
import { makeId } from "./ids.ts";
import { encodeStatement, type UnsignedStatement } from "./statement.ts";
import { firstPrevious, hashStatement } from "./statement-hash.ts";

const lease = makeId("lease", new Uint8Array(20));
const statement: UnsignedStatement = {
  leaseId: lease,
  sequence: 0,
  atMs: 1_790_000_000_000,
  gpus: [0, 1],
  peersAlive: null,
  previous: firstPrevious(lease),
};

test("every field of a statement changes what is signed and what the next one refers to", () => {
  const changes: Partial<UnsignedStatement>[] = [
    { leaseId: makeId("lease", new Uint8Array(20).fill(1)) },
    { sequence: 1 },
    { atMs: 1_790_000_000_001 },
    { gpus: [0] },
    { peersAlive: [] },
    { peersAlive: [lease] },
    { previous: "0".repeat(64) },
  ];
  const hashes = new Set(
    [statement, ...changes.map((change) => ({ ...statement, ...change }))].map(hashStatement),
  );
  expect(hashes.size).toBe(changes.length + 1);
});

test("the signed bytes carry their domain, so no other signature of the node can stand for them", () => {
  expect(new TextDecoder().decode(encodeStatement(statement))).toMatch(/^ionet:statement:v1\n/);
});
