import { chmod, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { z } from "zod";
import { CommandProblem } from "./problem-text.ts";
import type { Terminal } from "./terminal.ts";

const configSchema = z.object({
  url: z.url().optional(),
  keypair: z.string().optional(),
  rpcUrl: z.url().optional(),
});
export type CliSettings = z.infer<typeof configSchema>;

export type GlobalOptions = { url?: string; keypair?: string; rpc?: string; json?: boolean };

/** Where a command finds the network and the wallet. */
export type Settings = {
  url: string;
  /** A file in Solana's own keypair format. */
  keypair: string;
  /** The engineer's own Solana endpoint; undefined: the one the control plane names. */
  rpcUrl: string | undefined;
  apiKey: string | undefined;
  configFile: string;
};

const DEFAULT_URL = "http://127.0.0.1:8080";

/**
 * Options win over the environment (IONET_URL, IONET_KEYPAIR, IONET_RPC_URL, IONET_API_KEY), it over the config file
 * (IONET_CONFIG, or ionet/config.json in XDG_CONFIG_HOME or ~/.config), it over the defaults.
 */
export async function readSettings(terminal: Terminal, options: GlobalOptions): Promise<Settings> {
  const { env } = terminal;
  const configFile = configFileOf(env);
  const config = await readConfig(configFile);
  return {
    url: options.url ?? env.IONET_URL ?? config.url ?? DEFAULT_URL,
    keypair:
      options.keypair ??
      env.IONET_KEYPAIR ??
      config.keypair ??
      join(env.HOME ?? homedir(), ".config", "solana", "id.json"),
    rpcUrl: options.rpc ?? env.IONET_RPC_URL ?? config.rpcUrl,
    apiKey: env.IONET_API_KEY,
    configFile,
  };
}

const configFileOf = (env: Terminal["env"]) =>
  env.IONET_CONFIG ??
  join(env.XDG_CONFIG_HOME ?? join(env.HOME ?? homedir(), ".config"), "ionet", "config.json");

async function readConfig(file: string): Promise<CliSettings> {
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) return {};
  const read = configSchema.safeParse(parse(text));
  if (read.success) return read.data;
  const issue = read.error.issues[0];
  throw new CommandProblem("config-invalid", "the configuration file can't be used", {
    field: issue?.path.join(".") || "config",
    given: file,
    allowed: '{"url": …, "keypair": …, "rpcUrl": …}, all optional',
    next: "correct or remove the file",
  });
}

/** Writes the configuration: what is left out stays as it was. */
export async function writeConfig(file: string, change: CliSettings): Promise<void> {
  const config = { ...(await readConfig(file)), ...change };
  await writePrivateFile(file, `${JSON.stringify(config, null, 2)}\n`);
}

/** Writes a file that only its owner reads, whole or not at all. */
export async function writePrivateFile(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}.draft`;
  await writeFile(draft, text, { mode: 0o600 });
  await chmod(draft, 0o600);
  await rename(draft, file);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
