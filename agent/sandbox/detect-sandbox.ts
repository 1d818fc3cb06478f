import type { RayEnvironment } from "../environment/prepare-environment.ts";
import type { Confinement } from "../overlay/confinement.ts";
import { bubblewrap } from "./bubblewrap.ts";
import { noSandbox } from "./no-sandbox.ts";
import { runLaunch } from "./run-launch.ts";
import type { Sandbox } from "./sandbox.ts";

export type SandboxFinding = { sandbox: Sandbox; why: string };

/**
 * Bubblewrap where it really starts this machine's Python inside this confinement, else none, with the reason. Needs a
 * folder it may write to.
 */
export async function detectSandbox(request: {
  confinement: Confinement;
  environment: RayEnvironment;
  folder: string;
}): Promise<SandboxFinding> {
  const room = await bubblewrap.makeRoom({ ...request, devices: [] });
  const launch = room.launch([room.python, "-I", "-c", "import ssl, sqlite3, ctypes"], {});
  const result = await runLaunch({ ...launch, command: request.confinement.enter(launch.command) });
  await room.remove();
  if (result.code === 0) return { sandbox: bubblewrap, why: "bubblewrap starts Python here." };
  const reason = result.notStarted === "ENOENT" ? "the program bwrap is missing" : result.words;
  return { sandbox: noSandbox, why: `No sandbox: ${reason || "bubblewrap ended without a word"}` };
}
