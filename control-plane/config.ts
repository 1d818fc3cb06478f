import { PYTH_RECEIVER } from "@ionet/chain";
import { addressSchema } from "@ionet/protocol";
import { z } from "zod";
import { type ConnectorName, connectorNames } from "./market/connectors/connectors.ts";
import type { PriceSource } from "./market/oracle/model.ts";
import { isTellable } from "./public-endpoint.ts";

/** What the environment says. One variable a line; README lists them. */
const environmentSchema = z.object({
  IONET_NETWORK: z.enum(["local", "devnet", "mainnet"]).default("local"),
  HOST: z.string().min(1).default("127.0.0.1"),
  PORT: z.coerce.number().int().min(0).max(65_535).default(8080),
  IONET_PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  IONET_DATA: z.string().min(1).optional(),
  IONET_RPC_URL: z.url({ protocol: /^https?$/ }),
  IONET_RPC_FALLBACK_URLS: z
    .string()
    .transform((text) => text.split(",").map((url) => url.trim()))
    .pipe(z.array(z.url({ protocol: /^https?$/ })))
    .default([]),
  IONET_WS_URL: z.url({ protocol: /^wss?$/ }),
  IONET_PUBLIC_RPC_URL: z.url({ protocol: /^https?$/ }).optional(),
  IONET_PUBLIC_WS_URL: z.url({ protocol: /^wss?$/ }).optional(),
  IONET_METER_KEYPAIR: z.string().min(1),
  IONET_PAYER_KEYPAIR: z.string().min(1),
  IONET_CONNECTORS: z
    .string()
    .transform((text) => text.split(",").map((name) => name.trim()))
    .pipe(z.array(z.enum(connectorNames)))
    .default([]),
  IONET_VAST_URL: z.url({ protocol: /^https?$/ }).default("https://console.vast.ai"),
  IONET_USDC_MINT: z.string().min(32).optional(),
  IONET_SOL_PRICE_ACCOUNT: addressSchema.optional(),
  IONET_SOL_PRICE_OWNER: addressSchema.default(PYTH_RECEIVER),
  LOG_LEVEL: z.enum(["debug", "info", "warn", "error", "silent"]).default("info"),
});

/** How one control plane is to run. */
export type Config = {
  network: "local" | "devnet" | "mainnet";
  host: string;
  /** 0 takes a free one. */
  port: number;
  /** As others reach it; null: host and port as they are. */
  publicUrl: string | null;
  database: { kind: "server"; url: string } | { kind: "folder"; folder: string };
  rpcUrl: string;
  /** Asked in their order when the one before is down; never told to clients. */
  rpcFallbackUrls: readonly string[];
  wsUrl: string;
  /** The Solana network as clients are told of it; for our own endpoints may carry a key. */
  publicRpcUrl: string;
  publicWsUrl: string;
  meterKeypairFile: string;
  payerKeypairFile: string;
  /** null: the network's only mint with six decimals, on local networks. */
  usdcMint: string | null;
  /** Live inventories of others that are asked, and where. */
  connectors: readonly ConnectorName[];
  vastUrl: string;
  /** Where the price of SOL comes from; null: SOL is not offered. */
  solPrice: PriceSource | null;
  logLevel: "debug" | "info" | "warn" | "error" | "silent";
};

/** A reason not to start that its reader can do something about. */
export class StartProblem extends Error {
  override readonly name = "StartProblem";
  readonly code: string;

  constructor(code: string, message: string) {
    super(`${code}: ${message}`);
    this.code = code;
  }
}

/** Reads the environment. Throws a StartProblem "config-invalid" that names every wrong variable and what it may be, never its value. */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  // A variable that is set to nothing counts as not set.
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  const result = environmentSchema.safeParse(given);
  if (!result.success) {
    const lines = result.error.issues.map((issue) => {
      const name = String(issue.path[0]);
      return `${name} ${given[name] === undefined ? "is missing" : `is not accepted (${issue.message})`}`;
    });
    throw new StartProblem("config-invalid", `${lines.join("; ")}. Set them in the environment.`);
  }
  const env = result.data;
  return {
    network: env.IONET_NETWORK,
    host: env.HOST,
    port: env.PORT,
    publicUrl: env.IONET_PUBLIC_URL?.replace(/\/$/, "") ?? null,
    database: databaseOf(env),
    rpcUrl: env.IONET_RPC_URL,
    rpcFallbackUrls: env.IONET_RPC_FALLBACK_URLS,
    wsUrl: env.IONET_WS_URL,
    publicRpcUrl: toldUrl(
      "IONET_PUBLIC_RPC_URL",
      env.IONET_PUBLIC_RPC_URL,
      "IONET_RPC_URL",
      env.IONET_RPC_URL,
    ),
    publicWsUrl: toldUrl("IONET_PUBLIC_WS_URL", env.IONET_PUBLIC_WS_URL, "IONET_WS_URL", env.IONET_WS_URL),
    meterKeypairFile: env.IONET_METER_KEYPAIR,
    payerKeypairFile: env.IONET_PAYER_KEYPAIR,
    usdcMint: env.IONET_USDC_MINT ?? null,
    connectors: env.IONET_CONNECTORS,
    vastUrl: env.IONET_VAST_URL,
    solPrice:
      env.IONET_SOL_PRICE_ACCOUNT === undefined
        ? null
        : {
            account: env.IONET_SOL_PRICE_ACCOUNT,
            owner: env.IONET_SOL_PRICE_OWNER,
            simulated: env.IONET_NETWORK === "local",
          },
    logLevel: env.LOG_LEVEL,
  };
}

/** What clients are told in place of an endpoint of ours. Throws a StartProblem "rpc-url-secret", without the URL. */
function toldUrl(variable: string, told: string | undefined, ownVariable: string, own: string): string {
  if (told !== undefined) return told;
  if (isTellable(own)) return own;
  throw new StartProblem(
    "rpc-url-secret",
    `${ownVariable} looks as if it had a key in it (a user, a query or a long part of its path), and GET /v1/network would tell it to everybody. Set ${variable} to an endpoint that clients may use.`,
  );
}

function databaseOf(env: z.infer<typeof environmentSchema>): Config["database"] {
  if (env.DATABASE_URL !== undefined) return { kind: "server", url: env.DATABASE_URL };
  if (env.IONET_DATA === undefined) {
    throw new StartProblem(
      "config-invalid",
      "neither DATABASE_URL (a PostgreSQL server) nor IONET_DATA (a folder, local networks only) is set.",
    );
  }
  if (env.IONET_NETWORK !== "local") {
    throw new StartProblem(
      "database-server-needed",
      `IONET_DATA is for local networks: it does not survive a power cut. On ${env.IONET_NETWORK} set DATABASE_URL to a PostgreSQL server.`,
    );
  }
  return { kind: "folder", folder: env.IONET_DATA };
}
