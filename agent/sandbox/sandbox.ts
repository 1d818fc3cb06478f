import type { RayEnvironment } from "../environment/prepare-environment.ts";

/** What is needed to start a program in a sandbox; `secretArguments` go through file descriptor 3, where `ps` sees nothing. */
export type Launch = {
  command: string[];
  env: Record<string, string>;
  secretArguments?: string[];
};

/** The place in which one lease's Ray node runs. Its paths are as seen from inside. */
export type SandboxRoom = {
  python: string;
  home: string;
  rayFolder: string;
  launch(command: readonly string[], env: Record<string, string>): Launch;
  /** Takes away what was made outside the lease's folder. */
  remove(): Promise<void>;
};

export type RoomRequest = {
  /** The lease's own folder on this machine, absolute. */
  folder: string;
  environment: RayEnvironment;
  /** Device files of the leased GPUs; none for simulated ones. */
  devices: readonly string[];
};

/** What stands between an engineer's code and the supplier's machine. */
export type Sandbox = {
  kind: "bubblewrap" | "none";
  /** One plain sentence for the supplier: what the workload can see here. */
  statement: string;
  makeRoom(request: RoomRequest): Promise<SandboxRoom>;
};
