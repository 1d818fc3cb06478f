import { execFileSync, spawn } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "@ionet/machine";

/**
 * Starts a PostgreSQL server of our own, on loopback, in a folder that goes with it. Null, and a line that says so,
 * where the machine has no PostgreSQL. As root it runs as the user `postgres`, because the server refuses root. `crash`
 * ends it without a last word (SIGQUIT), as a loss of power does but for what the disk lost, and starts it again.
 */
export async function startPostgres(
  say: (line: string) => void,
): Promise<{ url: string; crash(): Promise<void>; stop(): Promise<void> } | null> {
  const bin = newestBin();
  if (bin === null) {
    say("no PostgreSQL server on this machine: store tests ran on PGlite only");
    return null;
  }
  const folder = mkdtempSync(join(tmpdir(), "ionet-postgres-"));
  const owner = process.getuid?.() === 0 ? postgresUser() : null;
  if (owner !== null) chownSync(folder, owner.uid, owner.gid);
  chmodSync(folder, 0o700);
  const asOwner = owner === null ? {} : { uid: owner.uid, gid: owner.gid };
  const data = join(folder, "data");
  execFileSync(join(bin, "initdb"), ["-D", data, "-U", "ionet", "-A", "trust", "--no-locale", "-E", "UTF8"], {
    ...asOwner,
    stdio: "ignore",
  });
  const port = await freePort();
  const settings = [
    "-c",
    "listen_addresses=127.0.0.1",
    "-c",
    `port=${port}`,
    "-c",
    `unix_socket_directories=${folder}`,
  ];
  const url = `postgres://ionet@127.0.0.1:${port}/postgres`;
  const start = async () => {
    const server = spawn(join(bin, "postgres"), ["-D", data, ...settings], { ...asOwner, stdio: "ignore" });
    for (let attempt = 0; !isReady(bin, port); attempt++) {
      if (attempt > 150 || server.exitCode !== null) throw new Error("PostgreSQL did not start");
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return server;
  };
  let server = await start();
  const end = async (signal: "SIGINT" | "SIGQUIT") => {
    const ended = new Promise((resolve) => server.on("exit", resolve));
    server.kill(signal);
    await ended;
  };
  return {
    url,
    async crash() {
      await end("SIGQUIT");
      server = await start();
    },
    async stop() {
      await end("SIGINT");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function newestBin(): string | null {
  const base = "/usr/lib/postgresql";
  if (!existsSync(base)) return null;
  const versions = readdirSync(base).sort((a, b) => Number(b) - Number(a));
  const found = versions
    .map((version) => join(base, version, "bin"))
    .find((bin) => existsSync(join(bin, "initdb")));
  return found ?? null;
}

function postgresUser(): { uid: number; gid: number } {
  const id = (flag: string) => Number(execFileSync("id", [flag, "postgres"]).toString());
  return { uid: id("-u"), gid: id("-g") };
}

function isReady(bin: string, port: number): boolean {
  try {
    execFileSync(join(bin, "pg_isready"), ["-q", "-h", "127.0.0.1", "-p", String(port)]);
    return true;
  } catch {
    return false;
  }
}
