import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Sandbox } from "./sandbox.ts";

/** The workload runs as this user, with this user's rights: for machines without bubblewrap. */
export const noSandbox: Sandbox = {
  kind: "none",
  statement:
    "No sandbox: an engineer's code runs with the rights of this user. Install bubblewrap (package bubblewrap) to confine it.",
  makeRoom: async ({ folder, environment }) => {
    const home = join(folder, "home");
    await mkdir(home, { recursive: true, mode: 0o700 });
    // Ray puts sockets about 60 characters below its folder, and a socket's path ends at 107: a lease's folder can be too long.
    const rayFolder = await mkdtemp(join(tmpdir(), "ionet-"));
    return {
      python: environment.python,
      home,
      rayFolder,
      launch: (command, env) => ({
        command: [...command],
        env: {
          ...env,
          PATH: `${dirname(environment.python)}:/usr/local/bin:/usr/bin:/bin`,
          HOME: home,
          USER: "ray",
        },
      }),
      remove: () => rm(rayFolder, { recursive: true, force: true }),
    };
  },
};
