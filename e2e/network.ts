import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Chain, connectChain } from "@ionet/chain";
import { readKeypairFile } from "@ionet/chain/node";
import {
  fundEngineer,
  type LocalEngineer,
  type Member,
  type RunningNetwork,
  startMember,
  startNetwork,
} from "@ionet/cli";
import { type ProcessIdentity, processesOf } from "@ionet/machine";
import type { ClusterId, Settlement } from "@ionet/protocol";
import {
  type Balances,
  createIonet,
  type Ionet,
  type Proof,
  proveSettlement,
  readBalances,
  signIn,
  waitForSettlement,
} from "@ionet/sdk";
import { type Address, address, type KeyPairSigner } from "@solana/kit";

/** A whole network of a test's own, on free ports and in a folder that goes with it. */
export type TestNetwork = RunningNetwork & {
  chain: Chain;
  mint: Address;
  /** Ends it and fails when anything that it started is left. */
  close(): Promise<void>;
};

export async function openTestNetwork(
  terms: { minimumSeconds?: number; movableClock?: boolean } = {},
): Promise<TestNetwork> {
  const stateFolder = await mkdtemp(join(tmpdir(), "ionet-e2e-"));
  const network = await startNetwork({ stateFolder, port: 0, rpcPort: 0, ...terms });
  const { description } = network;
  return {
    ...network,
    chain: connectChain({ url: description.rpcUrl, wsUrl: description.wsUrl }),
    mint: address(description.usdcMint),
    async close() {
      const started = startedBy(network);
      const reports = await network.stop();
      const left = [...reports.flatMap((report) => report.left), ...processesOf({ roots: started })];
      await rm(stateFolder, { recursive: true, force: true, maxRetries: 5 });
      if (left.length > 0) throw new Error(`left running: ${left.map(({ pid }) => pid).join(", ")}`);
    },
  };
}

/** Every process of a network and all that they have started until now. */
export const startedBy = (network: RunningNetwork): ProcessIdentity[] =>
  processesOf({ roots: [...network.description.processes] });

/** An engineer with a wallet, test USDC and a sign-in. */
export type TestEngineer = LocalEngineer & { signer: KeyPairSigner; ionet: Ionet };

export async function openEngineer(network: TestNetwork, name = "engineer"): Promise<TestEngineer> {
  const engineer = await fundEngineer(network.description, name);
  const signer = await readKeypairFile(engineer.keypair);
  const { ionet } = await signIn(createIonet({ url: network.description.url }), signer);
  return { ...engineer, signer, ionet };
}

/** What the wallets of this network hold now: the engineer, the treasury, every supplier. */
export const balancesOf = ({ chain, mint, description }: TestNetwork, engineer: string): Promise<Balances> =>
  readBalances(chain, mint, [
    engineer,
    description.treasury,
    ...description.suppliers.map(({ wallet }) => wallet),
  ]);

/** Waits for the settlement and checks it against the chain's balances. `before`: read before anything was paid. */
export async function provenSettlement(
  network: TestNetwork,
  { ionet, wallet }: TestEngineer,
  clusterId: ClusterId,
  before: Balances,
): Promise<{ settlement: Settlement; proof: Proof }> {
  const settlement = await waitForSettlement(ionet, clusterId, { signal: AbortSignal.timeout(120_000) });
  // Before and after funding in one: what the settlement says was deposited had left the wallet in between.
  const afterFunding = new Map(before).set(wallet, (before.get(wallet) ?? 0n) - settlement.deposited);
  const { chain, mint, description } = network;
  const at = { chain, mint, engineer: wallet, treasury: description.treasury };
  const proof = await proveSettlement(at, settlement, { beforeFunding: before, afterFunding });
  return { settlement, proof };
}

/** An agent beside those of the network, in the state folder that is named. */
export async function startAgentIn(agent: {
  /** Where its log goes. */
  logs: string;
  state: string;
  url: string;
  name: string;
}): Promise<Member & { logText(): Promise<string> }> {
  await mkdir(join(agent.logs, "logs"), { recursive: true });
  const member = startMember({
    name: agent.name,
    main: "agent/main.ts",
    args: [
      ...["run", "--state", agent.state, "--control-plane", agent.url, "--price", "0.40"],
      ...["--country", "NO", "--simulate-gpus", "1xA100-40GB", "--address", "127.0.0.99"],
    ],
    stateFolder: agent.logs,
  });
  return { ...member, logText: () => readFile(member.log, "utf8").catch(() => "") };
}
