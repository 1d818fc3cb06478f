import { setTimeout as sleep } from "node:timers/promises";
import { errorText } from "@ionet/machine";
import type { Readiness } from "@ionet/protocol";
import { prepareEnvironment } from "./environment/prepare-environment.ts";
import type { Prepared } from "./leases/machine.ts";
import type { Confinement } from "./overlay/confinement.ts";
import { detectSandbox } from "./sandbox/detect-sandbox.ts";
import type { AgentLog } from "./sync/sync-loop.ts";

const RETRY_MS = 60_000;
const LONGEST_REASON = 500;

export type Preparation = {
  readiness(): Readiness;
  prepared(): Promise<Prepared>;
  stop(): void;
};

/**
 * Prepares this machine ahead of any lease: Ray's environment, and which sandbox works. What failed is tried again every
 * minute, since its reason (a full disk, no network) may pass.
 */
export function startPreparing(options: {
  cacheFolder: string;
  preferredPython?: string;
  /** Where the sandbox is tried. */
  folder: string;
  confinement: Confinement;
  log: AgentLog;
  onChange: () => void;
}): Preparation {
  const { confinement, log, onChange } = options;
  const end = new AbortController();
  const place = { confinement: confinement.kind, address: confinement.address };
  let readiness: Readiness = { environment: "preparing", sandbox: "none", ...place };

  const once = async (): Promise<Prepared> => {
    const environment = await prepareEnvironment({
      cacheFolder: options.cacheFolder,
      ...(options.preferredPython ? { preferredPython: options.preferredPython } : {}),
      onProgress: ({ stage, message }) => log.info({ stage }, message),
      signal: end.signal,
    });
    const { sandbox, why } = await detectSandbox({ confinement, environment, folder: options.folder });
    log.info({ sandbox: sandbox.kind, why }, sandbox.statement);
    const { rayVersion, pythonVersion } = environment;
    readiness = { environment: "ready", rayVersion, pythonVersion, sandbox: sandbox.kind, ...place };
    return { environment, sandbox };
  };
  const attempt = () => {
    const trying = once();
    trying.then(onChange, (error: unknown) => {
      if (end.signal.aborted) return;
      const reason = errorText(error).slice(0, LONGEST_REASON);
      readiness = { environment: "failed", reason, sandbox: "none", ...place };
      log.error({ reason }, "this machine can't be hired: its environment could not be prepared");
      onChange();
      sleep(RETRY_MS, undefined, { signal: end.signal }).then(
        () => {
          current = attempt();
        },
        () => undefined,
      );
    });
    return trying;
  };
  let current = attempt();
  return { readiness: () => readiness, prepared: () => current, stop: () => end.abort() };
}
