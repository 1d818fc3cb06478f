import { generateKeyPairSync, verify } from "node:crypto";
import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeStatement, makeId } from "@ionet/protocol";
import { ed25519PublicKey, firstPrevious, hashStatement } from "@ionet/protocol/node";
import { afterEach, beforeEach, expect, it } from "vitest";
import { nodeKeyOf } from "../identity/node-key.ts";
import { writeLeaseRecord } from "./lease-record.ts";
import { rememberLeases } from "./remembered-lease.ts";
import { openStatementChain } from "./statement-chain.ts";

const key = nodeKeyOf(generateKeyPairSync("ed25519").privateKey);
const leaseId = makeId("lease", new Uint8Array(20));
const clusterId = makeId("cluster", new Uint8Array(20));
const silent = { info: () => {}, warn: () => {}, error: () => {} };
let leases: string;
let folder: string;
beforeEach(() => {
  leases = mkdtempSync(join(tmpdir(), "ionet-test-"));
  folder = join(leases, leaseId);
});
afterEach(() => rmSync(leases, { recursive: true, force: true }));

const open = () => openStatementChain({ folder, leaseId, sign: key.sign });
const say = (chain: ReturnType<typeof open>, atMs: number) =>
  chain.append({ atMs, gpus: [0, 1], peersAlive: null });

it("statements are signed by the node and each carries the hash of the one before", () => {
  const chain = open();
  const first = say(chain, 1_000);
  const second = say(chain, 11_000);
  expect([first.previous, second.previous]).toEqual([firstPrevious(leaseId), hashStatement(first)]);
  const publicKey = ed25519PublicKey(Buffer.from(key.publicKey, "base64"));
  for (const one of [first, second]) {
    expect(verify(null, encodeStatement(one), publicKey, Buffer.from(one.signature, "base64"))).toBe(true);
  }
});

it("the chain goes on where a killed agent left it, and drops a line that was torn", () => {
  const first = say(open(), 1_000);
  appendFileSync(join(folder, "statements.jsonl"), '{"leaseId":"lea_0');
  const again = open();
  expect(again.outstanding(10)).toEqual([first]);
  const second = say(again, 2_000);
  expect([second.sequence, second.previous]).toEqual([1, hashStatement(first)]);
  expect(open().outstanding(10)).toEqual([first, second]);
});

it("a clock that goes back does not take the chain back", () => {
  const chain = open();
  say(chain, 5_000);
  expect(say(chain, 4_000).atMs).toBe(5_001);
});

it("what was acknowledged is not sent again, and the rest in portions", () => {
  const chain = open();
  for (let i = 1; i <= 5; i++) say(chain, i * 1_000);
  chain.acknowledge(2);
  chain.acknowledge(1); // an answer that came late
  expect(chain.outstanding(2).map(({ sequence }) => sequence)).toEqual([2, 3]);
  chain.acknowledge(99);
  expect(chain.outstanding(2)).toEqual([]);
});

it("after a kill the next agent tells the lease as ended, with every statement that had not arrived", async () => {
  const chain = open();
  writeLeaseRecord(folder, { leaseId, clusterId, role: "worker", gpus: [0], end: null });
  const statements = [say(chain, 1_000), say(chain, 11_000)];
  const [lease, ...others] = await rememberLeases(leases, { sign: key.sign, log: silent });
  expect(others).toEqual([]);
  expect(lease?.observed()).toMatchObject({ leaseId, phase: "ended", reason: "ray-exited", statements });
});

it("a lease with more statements than a sync takes is told as ended only with the last of them", async () => {
  const chain = open();
  writeLeaseRecord(folder, {
    leaseId,
    clusterId,
    role: "head",
    gpus: [0],
    end: { reason: "control-plane-silent", detail: null },
  });
  for (let i = 1; i <= 450; i++) say(chain, i * 1_000);
  const [lease] = await rememberLeases(leases, { sign: key.sign, log: silent });
  expect(lease?.observed()).toMatchObject({ phase: "joined", reason: null });
  expect(lease?.observed().statements).toHaveLength(400);
});
