import { type ChildProcess, spawn } from "node:child_process";
import type { Launch } from "./sandbox.ts";

/**
 * Starts a launch as the leader of a process group of its own, in `folder`. `output` takes its words: a file descriptor,
 * or "pipe".
 */
export function startLaunch(
  launch: Launch,
  options: { output: number | "pipe"; folder?: string },
): ChildProcess {
  const [program = "", ...parameters] = launch.command;
  const child = spawn(program, parameters, {
    stdio: ["ignore", options.output, options.output, launch.secretArguments ? "pipe" : "ignore"],
    env: launch.env,
    detached: true,
    ...(options.folder === undefined ? {} : { cwd: options.folder }),
  });
  const secrets = child.stdio[3];
  if (launch.secretArguments && secrets && "write" in secrets) {
    // A program that does not start closes this pipe before it is read; its end is told by the child's own events.
    secrets.on("error", () => {});
    secrets.end(launch.secretArguments.map((argument) => `${argument}\0`).join(""));
  }
  return child;
}
