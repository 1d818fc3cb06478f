import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The command as npm links it. */
export const IONET = `${root}node_modules/.bin/ionet`;

/** Milliseconds from the start of a process to its end. One that fails is no measurement. */
export function timed([file, ...args]: readonly [string, ...string[]]): Promise<number> {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    execFile(file, args, { cwd: root }, (error) => {
      if (error === null) resolve(performance.now() - began);
      else reject(error);
    });
  });
}
