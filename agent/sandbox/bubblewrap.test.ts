import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { identify, processesOf } from "@ionet/machine";
import { beforeAll, describe, expect, test } from "vitest";
import { defaultCacheFolder } from "../environment/cache-folder.ts";
import { prepareEnvironment, type RayEnvironment } from "../environment/prepare-environment.ts";
import { runCommand } from "../environment/run-command.ts";
import { loopbackConfinement } from "../overlay/loopback-confinement.ts";
import { bubblewrap } from "./bubblewrap.ts";
import { detectSandbox } from "./detect-sandbox.ts";
import { noSandbox } from "./no-sandbox.ts";
import { runLaunch } from "./run-launch.ts";
import { startLaunch } from "./start-launch.ts";

const hasBubblewrap = (await runCommand(["bwrap", "--ro-bind", "/", "/", "true"])).code === 0;

let environment: RayEnvironment;
beforeAll(async () => {
  environment = await prepareEnvironment({ cacheFolder: defaultCacheFolder(process.env) });
}, 300_000);

const makeFolder = () => mkdtemp(join(tmpdir(), "ionet-sandbox-"));

/** What a program in the sandbox says about the machine it finds itself on, as JSON. */
const LOOK_AROUND = `
import json, os
def writable(path):
    try: open(path + "/x", "w").close(); return True
    except OSError: return False
print(json.dumps({"pids": len([p for p in os.listdir("/proc") if p.isdigit()]), "uid": os.getuid(), "env": sorted(os.environ),
  "caps": [l.split()[1] for l in open("/proc/self/status") if l.startswith("CapEff")][0], "hidden": not os.path.exists(os.environ["OUTSIDE"]),
  "usr": writable("/usr"), "venv": writable("/opt/venv"), "home": writable(os.environ["HOME"]), "shm": writable("/dev/shm")}))`;

describe.skipIf(!hasBubblewrap)("in bubblewrap (skipped where it does not start)", () => {
  test("a program sees none of the owner's files and processes, holds no capability, and writes only in its own folders", async () => {
    const folder = await makeFolder();
    await writeFile(join(folder, "owner.txt"), "private");
    const room = await bubblewrap.makeRoom({ folder, environment, devices: [] });
    const launch = room.launch([room.python, "-c", LOOK_AROUND], { OUTSIDE: join(folder, "owner.txt") });
    const { code, words } = await runLaunch({ ...launch, env: { ...launch.env, LEAK: "of the agent" } });
    expect(code, words).toBe(0);
    const seen = JSON.parse(words) as Record<string, unknown>;
    expect(seen).toMatchObject({ uid: 1000, caps: "0000000000000000", hidden: true });
    expect(seen).toMatchObject({ usr: false, venv: false, home: true, shm: true });
    expect(seen.pids).toBeLessThan(5);
    expect(seen.env).not.toContain("LEAK");
    expect(await readFile(join(folder, "home", "x"), "utf8")).toBe("");
  });

  test("a secret given to a program stands in no argument of any process", async () => {
    const room = await bubblewrap.makeRoom({ folder: await makeFolder(), environment, devices: [] });
    const code = "import os, time; print(len(os.environ['SECRET']), flush=True); time.sleep(60)";
    const launch = room.launch([room.python, "-c", code], { SECRET: "hush-hush" });
    const child = startLaunch(launch, { output: "pipe" });
    const [heard] = await new Promise<[string]>((resolve) =>
      child.stdout?.once("data", (text) => resolve([`${text}`])),
    );
    expect(heard.trim()).toBe("9");
    const root = identify(child.pid ?? 0);
    if (!root) throw new Error("not started");
    for (const { pid } of processesOf({ roots: [root] })) {
      expect(await readFile(`/proc/${pid}/cmdline`, "utf8")).not.toContain("hush-hush");
    }
    expect(JSON.stringify(launch.command)).not.toContain("hush-hush");
    child.kill("SIGKILL");
  });

  test("it is found by starting Python in it", async () => {
    const confinement = loopbackConfinement("127.0.0.2");
    const found = await detectSandbox({ confinement, environment, folder: await makeFolder() });
    expect(found.sandbox.kind).toBe("bubblewrap");
  });
});

test("where bubblewrap does not start there is no sandbox, and the reason is said", async () => {
  const confinement = {
    ...loopbackConfinement("127.0.0.2"),
    enter: () => ["sh", "-c", "echo not allowed here >&2; exit 1"],
  };
  const found = await detectSandbox({ confinement, environment, folder: await makeFolder() });
  expect(found).toEqual({ sandbox: noSandbox, why: "No sandbox: not allowed here" });
});
