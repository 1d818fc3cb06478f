import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Command } from "commander";

const AGENT = fileURLToPath(new URL("../../agent/main.ts", import.meta.url));

/** `ionet agent run`: the daemon itself, with its own options, in this terminal. */
export const agentRunCommand = (): Command =>
  new Command("run")
    .description("Runs the agent of an enrolled node until it is told to end (Ctrl-C, SIGTERM).")
    .allowUnknownOption()
    .helpOption(false)
    .argument("[options...]", "as `ionet agent run --help` of the agent says")
    .action(async (options: string[]) => {
      const child = spawn(process.execPath, [AGENT, "run", ...options], { stdio: "inherit" });
      const pass = (signal: NodeJS.Signals) => child.kill(signal);
      process.on("SIGTERM", pass);
      process.exitCode = await new Promise<number>((resolve) => {
        child.once("exit", (code) => resolve(code ?? 1));
        child.once("error", () => resolve(1));
      });
      process.off("SIGTERM", pass);
    });
