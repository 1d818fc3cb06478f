import type { Command } from "commander";
import type { Terminal } from "./terminal.ts";

type Listed = {
  name: string;
  alias?: string;
  summary: string;
  /** Reads the command's own module, with all that it needs. */
  load(): Promise<(terminal: Terminal) => Command>;
};

/** Every command, in the order of the help. */
export const commands: readonly Listed[] = [
  {
    name: "demo",
    summary: "the whole flow on this machine: rent, run, settle",
    load: async () => (await import("./commands/demo.ts")).demoCommand,
  },
  {
    name: "login",
    summary: "sign in with a Solana keypair",
    load: async () => (await import("./commands/login.ts")).loginCommand,
  },
  {
    name: "wallet",
    summary: "the keypair that signs, and what it holds",
    load: async () => (await import("./commands/wallet.ts")).walletCommand,
  },
  {
    name: "search",
    summary: "what can be hired now, cheapest first",
    load: async () => (await import("./commands/search.ts")).searchCommand,
  },
  {
    name: "quote",
    summary: "what it would cost, beside the clouds",
    load: async () => (await import("./commands/quote.ts")).quoteCommand,
  },
  {
    name: "rent",
    summary: "quote, book, fund, and wait for the Ray cluster",
    load: async () => (await import("./commands/rent.ts")).rentCommand,
  },
  {
    name: "requests",
    summary: "my demands that wait for supply",
    load: async () => (await import("./commands/requests.ts")).requestsCommand,
  },
  {
    name: "clusters",
    summary: "my clusters",
    load: async () => (await import("./commands/clusters.ts")).clustersCommand,
  },
  {
    name: "submit",
    alias: "run",
    summary: "run a command on a cluster as a Ray job",
    load: async () => (await import("./commands/submit.ts")).submitCommand,
  },
  {
    name: "logs",
    summary: "what a job has printed",
    load: async () => (await import("./commands/logs.ts")).logsCommand,
  },
  {
    name: "jobs",
    summary: "the jobs of a cluster",
    load: async () => (await import("./commands/logs.ts")).jobsCommand,
  },
  {
    name: "stop",
    summary: "stop a cluster and settle it",
    load: async () => (await import("./commands/stop.ts")).stopCommand,
  },
  {
    name: "topup",
    summary: "pay for more time of a running cluster",
    load: async () => (await import("./commands/topup.ts")).topUpCommand,
  },
  {
    name: "escrow",
    summary: "where a cluster's money is, and how it comes out without a control plane",
    load: async () => (await import("./commands/escrow.ts")).escrowCommand,
  },
  {
    name: "collect",
    summary: "take what a signed reading has earned, without any control plane",
    load: async () => (await import("./commands/collect.ts")).collectCommand,
  },
  {
    name: "token",
    summary: "print the bearer token for Ray's own commands",
    load: async () => (await import("./commands/token.ts")).tokenCommand,
  },
  {
    name: "api-keys",
    summary: "keys for programs",
    load: async () => (await import("./commands/api-keys.ts")).apiKeysCommand,
  },
  {
    name: "compare",
    summary: "what it costs here and at the clouds",
    load: async () => (await import("./commands/compare.ts")).compareCommand,
  },
  {
    name: "listings",
    summary: "what this network and others list, cheapest first",
    load: async () => (await import("./commands/listings.ts")).listingsCommand,
  },
  {
    name: "earnings",
    summary: "what a card earns here, beside mining",
    load: async () => (await import("./commands/earnings.ts")).earningsCommand,
  },
  {
    name: "agent",
    summary: "offer this machine's GPUs",
    load: async () => (await import("./commands/agent.ts")).agentCommand,
  },
  {
    name: "nodes",
    summary: "my machines that are for hire",
    load: async () => (await import("./commands/nodes.ts")).nodesCommand,
  },
  {
    name: "network",
    summary: "a whole network on this machine",
    load: async () => (await import("./commands/network.ts")).networkCommand,
  },
];
