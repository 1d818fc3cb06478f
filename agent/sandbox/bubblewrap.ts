import { lstatSync, readlinkSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { RayEnvironment } from "../environment/prepare-environment.ts";
import type { Sandbox } from "./sandbox.ts";

const VENV = "/opt/venv";
const HOME = "/home/ray";
const RAY_FOLDER = "/tmp/ray";
/** What every CUDA program opens besides its own GPU. */
const NVIDIA_CONTROL = ["/dev/nvidiactl", "/dev/nvidia-uvm", "/dev/nvidia-uvm-tools"];

/**
 * Own user, pid, ipc and uts namespaces, no capabilities, a cleared environment; of the machine only /usr, read-only, the
 * Python environment and the leased GPUs' devices; dies with the agent.
 */
export const bubblewrap: Sandbox = {
  kind: "bubblewrap",
  statement:
    "An engineer's code runs in bubblewrap: it sees its own scratch folder, the leased GPUs and a read-only /usr, and none of your files or processes.",
  makeRoom: async ({ folder, environment, devices }) => {
    const outside = { home: join(folder, "home"), rayFolder: join(folder, "ray") };
    await mkdir(outside.home, { recursive: true, mode: 0o700 });
    await mkdir(outside.rayFolder, { recursive: true, mode: 0o700 });
    return {
      python: `${VENV}/bin/python`,
      home: HOME,
      rayFolder: RAY_FOLDER,
      launch: (command, env) => ({
        command: ["bwrap", "--args", "3", "--", ...command],
        env: { PATH: process.env.PATH ?? "/usr/bin:/bin" },
        secretArguments: [
          ...NAMESPACES,
          ...systemFolders(),
          ...["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/dev/shm", "--tmpfs", "/tmp"],
          ...["--tmpfs", "/home", "--tmpfs", "/root", "--dir", "/run"],
          ...pythonFolders(environment),
          ...[...(devices.length > 0 ? NVIDIA_CONTROL : []), ...devices].flatMap((device) => [
            "--dev-bind-try",
            device,
            device,
          ]),
          ...["--bind", outside.home, HOME, "--bind", outside.rayFolder, RAY_FOLDER],
          ...Object.entries({
            ...env,
            HOME,
            USER: "ray",
            PATH: `${VENV}/bin:/usr/local/bin:/usr/bin:/bin`,
          }).flatMap(([name, value]) => ["--setenv", name, value]),
          ...["--chdir", HOME],
        ],
      }),
      remove: async () => {},
    };
  },
};

const NAMESPACES = [
  ...["--unshare-user", "--uid", "1000", "--gid", "1000", "--unshare-pid", "--unshare-ipc", "--unshare-uts"],
  ...[
    "--unshare-cgroup-try",
    "--hostname",
    "node",
    "--die-with-parent",
    "--new-session",
    "--cap-drop",
    "ALL",
  ],
  "--clearenv",
];

/** /usr, and beside it what the distribution keeps there: links on most, folders of their own on some. */
function systemFolders(): string[] {
  const folders = ["/bin", "/sbin", "/lib", "/lib32", "/lib64"].flatMap((path) => {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return [];
    return stat.isSymbolicLink() ? ["--symlink", readlinkSync(path), path] : ["--ro-bind", path, path];
  });
  const settings = ["/etc/ld.so.cache", "/etc/alternatives", "/etc/ssl", "/etc/pki", "/etc/localtime"];
  return [
    "--ro-bind",
    "/usr",
    "/usr",
    ...folders,
    ...settings.flatMap((path) => ["--ro-bind-try", path, path]),
  ];
}

/** The environment at a path of its own, and the Python it was made from where that is not under /usr (pyenv, conda). */
function pythonFolders({ folder, basePrefix }: RayEnvironment): string[] {
  const base = dirname(`${basePrefix}/.`);
  const isSystem = base === "/usr" || base.startsWith("/usr/");
  return [...(isSystem ? [] : ["--ro-bind", base, base]), "--ro-bind", folder, VENV];
}
