import { spawn } from "node:child_process";

export type CommandResult = {
  /** Exit status; undefined when a signal ended it or it could not be started. */
  code: number | undefined;
  stdout: string;
  stderr: string;
  /** "ENOENT" and the like when the program could not be started at all. */
  notStarted?: string;
};

export type CommandOptions = {
  env?: NodeJS.ProcessEnv;
  signal?: AbortSignal;
  timeoutMs?: number;
  onLine?: (line: string) => void;
};

/** How the agent runs a program and reads its answer; tests put recorded answers in its place. */
export type RunCommand = (command: readonly string[], options?: CommandOptions) => Promise<CommandResult>;

/** Runs a program to its end, without a shell. Never rejects: a program that is not there answers `notStarted`. */
export const runCommand: RunCommand = (command, options = {}) =>
  new Promise((resolve) => {
    const [program = "", ...parameters] = command;
    const child = spawn(program, parameters, {
      stdio: ["ignore", "pipe", "pipe"],
      killSignal: "SIGKILL",
      ...(options.env ? { env: options.env } : {}),
      ...(options.signal ? { signal: options.signal } : {}),
      ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs }),
    });
    let stdout = "";
    let stderr = "";
    let notStarted: string | undefined;
    let partialLine = "";
    const lines = (chunk: string) => {
      const parts = (partialLine + chunk).split("\n");
      partialLine = parts.pop() ?? "";
      for (const line of parts) options.onLine?.(line);
    };
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      stdout += chunk;
      lines(chunk);
    });
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      stderr += chunk;
      lines(chunk);
    });
    child.on("error", (error: NodeJS.ErrnoException) => {
      notStarted = error.code ?? error.message;
    });
    child.on("close", (code) => {
      resolve({
        code: code ?? undefined,
        stdout,
        stderr,
        ...(notStarted === undefined ? {} : { notStarted }),
      });
    });
  });
