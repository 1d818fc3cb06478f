/**
 * The keeper: a process that holds a local network for the demo. It prints what happens as lines of JSON, ends when its
 * standard input ends or it is told to (SIGTERM), and with it the whole network; after a line `keep` on standard input
 * only SIGTERM (`ionet network down`) ends it.
 */
import { createInterface } from "node:readline";
import { reportProblem } from "../problem-text.ts";
import { holdNetwork } from "./hold-network.ts";
import type { KeeperLine } from "./keeper.ts";

const [stateFolder, port = "0", rpcPort = "0"] = process.argv.slice(2);
if (stateFolder === undefined) throw new Error("usage: main.ts STATE_FOLDER [PORT [RPC_PORT]]");
const say = (line: KeeperLine) => process.stdout.write(`${JSON.stringify(line)}\n`);

const told = new AbortController();
let keep = false;
const end = () => told.abort(new Error("told to end"));
const input = createInterface({ input: process.stdin });
input.on("line", (line) => {
  if (line === "keep") {
    keep = true;
    say({ event: "kept" });
  }
});
input.on("close", () => {
  if (!keep) end();
});
process.on("SIGTERM", end);
process.on("SIGINT", end);
// Nobody reads any more: that is no reason to leave a network behind.
process.stdout.on("error", () => {});

let isReady = false;
try {
  const reports = await holdNetwork({
    stateFolder,
    port: Number(port),
    rpcPort: Number(rpcPort),
    onProgress: (progress) => say({ event: "progress", ...progress }),
    onReady: (network) => {
      isReady = true;
      say({ event: "ready", network: network.description });
    },
    signal: told.signal,
  });
  const killed = reports.filter((report) => report.killed > 0).map((report) => report.name);
  const left = reports.flatMap((report) => report.left);
  say({ event: "stopped", processes: reports.length, killed, left });
  if (!isReady) process.exitCode = 1;
} catch (error) {
  say({ event: "problem", problem: reportProblem(error) });
  process.exitCode = 1;
}
process.exit();
