import { readFileSync } from "node:fs";
import { getBase64Decoder, getBase64EncodedWireTransaction } from "@solana/kit";
import { getTransferSolInstruction } from "@solana-program/system";
import { findAssociatedTokenPda, getApproveInstruction } from "@solana-program/token";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TEST_MINTS } from "../genesis.ts";
import { freshAddress, STILL, startTestNetwork, type TestNetwork } from "../testing/network.ts";
import { TOKEN_PROGRAM } from "../tokens.ts";
import { METHODS } from "./methods.ts";
import { isObject } from "./parameters.ts";
import { SUBSCRIPTIONS } from "./subscriptions.ts";

/** The tables of docs/local-network.md by the headings of their first two columns: the first column's names, the second's text. */
function readTables(): Map<string, Map<string, string>> {
  const tables = new Map<string, Map<string, string>>();
  let rows: Map<string, string> | undefined;
  for (const line of readFileSync("docs/local-network.md", "utf8").split("\n")) {
    const [, first = "", second = ""] = line.split("|").map((cell) => cell.trim());
    if (!line.startsWith("|")) rows = undefined;
    else if (rows === undefined) {
      const title = `${first}: ${second}`;
      rows = tables.get(title) ?? new Map();
      tables.set(title, rows);
    } else if (!first.startsWith("---")) for (const name of first.split(", ")) rows.set(name, second);
  }
  return tables;
}

const tables = readTables();
const namesIn = (title: string) => [...(tables.get(title)?.keys() ?? [])].sort();
const ANSWERED = "method: fields of the result";

let chain: TestNetwork;
beforeAll(async () => {
  chain = await startTestNetwork(STILL);
});
afterAll(async () => {
  await chain.server.close();
  expect(chain.faults).toEqual([]);
});

test("every method that is answered stands in the table, and every one in the table is answered", () => {
  expect([...namesIn(ANSWERED), ...namesIn("method: what it does")].sort()).toEqual(
    Object.keys(METHODS).sort(),
  );
});

test("every subscription stands in the table, and every one in the table can be made", () => {
  expect(namesIn("subscription: fields of a notification")).toEqual(Object.keys(SUBSCRIPTIONS).sort());
});

test("what the tables call absent is answered as no method at all", async () => {
  const absent = namesIn("method: why");
  expect(absent.length).toBeGreaterThan(5);
  for (const method of absent)
    expect(await chain.call(method, [])).toMatchObject({ error: { code: -32601 } });
  for (const name of namesIn("subscription: why")) expect(Object.keys(SUBSCRIPTIONS)).not.toContain(name);
});

test("each method's answer has the fields of the table, no fewer and no more", async () => {
  for (const [method, calls] of await samples()) {
    const answers = [];
    for (const params of calls) answers.push(await chain.call(method, params));
    const wanted = tables.get(ANSWERED)?.get(method);
    expect(
      shapeOf(answers.map((answer) => answer.result)),
      `${method} ${JSON.stringify(answers)}`.slice(0, 300),
    ).toBe(wanted);
  }
});

/** Calls whose answers are not empty, by method. Together they are all methods of the table but the one that never answers. */
async function samples(): Promise<[string, unknown[][]][]> {
  const mint = TEST_MINTS.USDC.address;
  const payer = await chain.fundedWallet();
  await chain.call("ionet_requestTokens", [payer.address, mint, "5"]);
  const [account] = await findAssociatedTokenPda({ owner: payer.address, mint, tokenProgram: TOKEN_PROGRAM });
  const transfer = getTransferSolInstruction({
    source: payer,
    destination: await freshAddress(),
    amount: 1_000_000_000n,
  });
  const approve = getApproveInstruction({
    source: account,
    delegate: payer.address,
    owner: payer,
    amount: 1n,
  });
  const signed = await chain.sign(payer, [transfer, approve]);
  const wire = [getBase64EncodedWireTransaction(signed), { encoding: "base64" }];
  const { result: signature } = await chain.call("sendTransaction", wire);
  const { result: slot } = await chain.call("getSlot", [{ commitment: "processed" }]);
  chain.passSlots(3);
  const { blockhash } = (await chain.rpc.getLatestBlockhash().send()).value;
  const fresh = await chain.sign(payer, [transfer]);
  const next = [getBase64EncodedWireTransaction(fresh), { encoding: "base64" }];
  const approved = { programId: TOKEN_PROGRAM };
  const versioned = { maxSupportedTransactionVersion: 0 };
  const given: Record<string, unknown[][]> = {
    getAccountInfo: [[mint]],
    getBalance: [[mint]],
    getBlock: [
      [slot, versioned],
      [slot, { ...versioned, transactionDetails: "signatures" }],
    ],
    getBlockCommitment: [[slot]],
    getBlockTime: [[slot]],
    getBlocks: [[slot]],
    getBlocksWithLimit: [[slot, 2]],
    getFeeForMessage: [[getBase64Decoder().decode(fresh.messageBytes)]],
    getInflationReward: [[[mint]]],
    getLeaderSchedule: [[]],
    getMinimumBalanceForRentExemption: [[0]],
    getMultipleAccounts: [[[mint]]],
    getProgramAccounts: [[TOKEN_PROGRAM, { encoding: "base64" }]],
    getSignatureStatuses: [[[signature]]],
    getSignaturesForAddress: [[payer.address]],
    getSlotLeaders: [[slot, 1]],
    getTokenAccountBalance: [[account]],
    getTokenAccountsByDelegate: [[payer.address, approved, { encoding: "base64" }]],
    getTokenAccountsByOwner: [[payer.address, { mint }, { encoding: "base64" }]],
    getTokenLargestAccounts: [[mint]],
    getTokenSupply: [[mint]],
    getTransaction: [[signature, versioned]],
    isBlockhashValid: [[blockhash]],
    requestAirdrop: [[payer.address, 1_000_000]],
    sendTransaction: [next],
    simulateTransaction: [next],
  };
  return namesIn(ANSWERED)
    .filter((method) => method !== "getHighestSnapshotSlot")
    .map((method) => [method, given[method] ?? [[]]]);
}

/** What an answer is made of, in the table's words. */
function shapeOf(results: readonly unknown[]): string {
  const [result] = results;
  if (typeof result === "number") return "a number";
  if (typeof result === "string") return "a text";
  if (isObject(result) && "context" in result) {
    const fields = fieldsOf([Array.isArray(result.value) ? result.value[0] : result.value]);
    return fields === "" ? "context, value" : `context, value: ${fields}`;
  }
  if (!Array.isArray(result)) return hasAddressesAsFields(result) ? "slots by identity" : fieldsOf(results);
  if (isObject(result[0])) return fieldsOf(result);
  return result.length > 0 && typeof result[0] === "number" ? "a list of slots" : "a list";
}

function fieldsOf(some: readonly unknown[]): string {
  return [...new Set(some.flatMap((one) => (isObject(one) ? Object.keys(one) : [])))].sort().join(", ");
}

function hasAddressesAsFields(result: unknown): boolean {
  return isObject(result) && Object.keys(result).every((field) => field === chain.network.validator.identity);
}
