import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { tokenAccountOf, tokenBalance } from "@ionet/chain";
import { requestTokens } from "@ionet/cli";
import { decodeReading, payout, signedReadingSchema } from "@ionet/protocol";
import { pause, rent, waitForCluster } from "@ionet/sdk";
import { address } from "@solana/kit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { ionetCommand } from "./command.ts";
import { balancesOf, openEngineer, openTestNetwork, type TestEngineer, type TestNetwork } from "./network.ts";

const MINIMUM_SECONDS = 7;
const FEE_BPS = 200;
const DURATION_SECONDS = 600;
const MORE_SECONDS = 120;
const DAY_SECONDS = 86_400;

let network: TestNetwork;
let engineer: TestEngineer;
beforeAll(async () => {
  network = await openTestNetwork({ minimumSeconds: MINIMUM_SECONDS, movableClock: true });
  engineer = await openEngineer(network);
});
afterAll(() => network?.close());

type Supplier = TestNetwork["description"]["suppliers"][number];

/** `ionet …` as a person without any control plane runs it; the answer's JSON, or the problem's text. */
async function alone(args: readonly string[], keypair: string) {
  const { rpcUrl, stateFolder } = network.description;
  const ran = await ionetCommand([...args, "--url", rpcUrl, "--keypair", keypair, "--json"], {
    IONET_CONFIG: join(stateFolder, "no-config.json"),
  });
  return ran.code === 0 ? { ok: true, ...JSON.parse(ran.stdout) } : { ok: false, problem: ran.stderr };
}

const readingFileOf = (node: string, clusterId: string) =>
  join(network.description.stateFolder, "agents", node, "readings", `${clusterId}.json`);

/** The newest reading that a node's agent has, once it says something of every lease. */
async function keptReading(node: string, clusterId: string) {
  for (;;) {
    const text = await readFile(readingFileOf(node, clusterId), "utf8").catch(() => null);
    if (text !== null) {
      const { reading } = signedReadingSchema.parse(JSON.parse(text));
      const says = decodeReading(new Uint8Array(Buffer.from(reading, "base64")));
      if (says.leases.every(({ seconds }) => seconds > 0)) return says;
    }
    await pause(200);
  }
}

test("with the control plane gone for good every supplier collects by itself and the engineer gets the rest", async () => {
  const { ionet, signer, wallet } = engineer;
  const { description, chain, mint } = network;
  // As on any network that has settled once: the treasury has a token account.
  await requestTokens(description.rpcUrl, description.treasury, mint, 1n);
  while (!(await tokenBalance(chain, address(description.treasury), mint, "confirmed"))) await pause(50);
  const before = await balancesOf(network, wallet);
  const rented = await rent(ionet, signer, {
    ...{ gpuModel: "a100-40gb", gpuCount: 3, minSuppliers: 3, durationSeconds: DURATION_SECONDS },
  });
  if (rented === null) throw new Error("nothing was rented");
  const { id: clusterId, leases } = rented.cluster;
  const [opened] = rented.escrows;
  if (opened === undefined) throw new Error("no escrow was opened");
  const escrow = opened.address;
  const hired = leases.map((lease) => {
    const supplier = description.suppliers.find((one) => one.wallet === lease.supplier);
    const node = supplier?.nodes.find(({ nodeId }) => nodeId === lease.nodeId)?.name;
    if (supplier === undefined || node === undefined) throw new Error(`nobody knows ${lease.nodeId}`);
    return { lease, supplier, node };
  });
  // More time is paid for, and seen on the chain by the control plane, while it is there.
  const toppedUp = await ionetCommand(["topup", clusterId, "--for", `${MORE_SECONDS}s`, "--yes", "--json"], {
    IONET_CONFIG: engineer.config,
  });
  const { cost } = z.object({ cost: z.string() }).parse(JSON.parse(toppedUp.stdout));
  const deposited = opened.deposited + BigInt(cost);
  await waitForCluster(ionet, clusterId, {
    until: (seen) => seen.leases.every(({ maxSeconds }) => maxSeconds === DURATION_SECONDS + MORE_SECONDS),
  });
  for (const { node } of hired) await keptReading(node, clusterId);
  await network.member("control-plane")?.kill();

  // One reading may have come after another: each supplier uses its own.
  const readings = await Promise.all(hired.map(({ node }) => keptReading(node, clusterId)));
  const newest = (index: number) => Math.max(...readings.map(({ leases }) => leases[index]?.seconds ?? 0));
  const due = hired.map(({ lease }) => payout(lease.ratePerHour, newest(lease.index), FEE_BPS));
  const [first, second, third] = hired;
  if (first === undefined || second === undefined || third === undefined) throw new Error("three were hired");
  const collect = (supplier: Supplier, node: string, more: readonly string[] = []) =>
    alone(["collect", "--reading", readingFileOf(node, clusterId), ...more], supplier.keypair);

  // A token account that is missing is made by its supplier.
  const paid = await collect(first.supplier, first.node);
  expect(paid).toMatchObject({ outcome: "paid", paid: String(due[0]?.net), rentLamports: "2039280" });
  expect(await collect(first.supplier, first.node)).toMatchObject({
    outcome: "nothing-left",
    signature: null,
  });

  // A frozen one holds nobody up, and its share can go elsewhere.
  await requestTokens(description.rpcUrl, second.supplier.wallet, mint, 1n);
  const frozen = await tokenAccountOf(address(second.supplier.wallet), mint);
  await local("ionet_freezeAccount", [frozen]);
  expect(await collect(second.supplier, second.node)).toMatchObject({
    ...{ outcome: "waiting", waiting: String(due[1]?.net) },
  });
  const elsewhere = await tokenAccountOf(address(first.supplier.wallet), mint);
  expect(await collect(second.supplier, second.node, ["--destination", elsewhere])).toMatchObject({
    ...{ outcome: "paid", paid: String(due[1]?.net), destination: elsewhere },
  });
  expect(await collect(third.supplier, third.node)).toMatchObject({
    ...{ outcome: "paid", paid: String(due[2]?.net) },
  });

  const early = await alone(["escrow", "close", escrow], third.supplier.keypair);
  expect(early.problem).toContain("too-early");
  await local("ionet_advanceClock", [DURATION_SECONDS + MORE_SECONDS + DAY_SECONDS]);
  // A stranger to the engineer closes it; the rest can only go to the engineer.
  const gross = due.reduce((sum, each) => sum + each.gross, 0n);
  const rest = deposited - gross;
  const closed = await alone(["escrow", "close", escrow], third.supplier.keypair);
  expect(closed).toMatchObject({ outcome: "closed", engineer: wallet, refunded: String(rest), waiting: "0" });

  const after = await balancesOf(network, wallet);
  const grown = (of: string) => (after.get(of) ?? 0n) - (before.get(of) ?? 0n);
  expect(grown(wallet)).toBe(-gross);
  expect(grown(description.treasury)).toBe(due.reduce((sum, { fee }) => sum + fee, 0n));
  expect(grown(first.supplier.wallet)).toBe((due[0]?.net ?? 0n) + (due[1]?.net ?? 0n));
  // The test's own gift, which froze with the account.
  expect(grown(second.supplier.wallet)).toBe(1n);
  expect(grown(third.supplier.wallet)).toBe(due[2]?.net);
  expect((await alone(["escrow", "show", escrow], third.supplier.keypair)).problem).toContain("not-found");
  expect(await chain.rpc.getBalance(address(escrow)).send()).toMatchObject({ value: 0n });
});

async function local(method: string, params: readonly unknown[]): Promise<void> {
  const answer = await fetch(network.description.rpcUrl, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  });
  expect(await answer.json()).not.toHaveProperty("error");
}
