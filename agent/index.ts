export { defaultCacheFolder } from "./environment/cache-folder.ts";
export { findPython } from "./environment/find-python.ts";
export { findUv } from "./environment/find-uv.ts";
export { MachineProblem, type MachineProblemCode } from "./environment/machine-problem.ts";
export {
  type EnvironmentProgress,
  prepareEnvironment,
  type RayEnvironment,
} from "./environment/prepare-environment.ts";
export { runCommand } from "./environment/run-command.ts";
export { detectHardware } from "./hardware/detect-hardware.ts";
export type { AgentConfig } from "./identity/agent-config.ts";
export { AgentProblem, type AgentProblemCode } from "./identity/agent-problem.ts";
export { type ConfinementFinding, detectConfinement } from "./overlay/detect-confinement.ts";
export { type LocalSwitch, type LocalSwitchMember, startLocalSwitch } from "./overlay/local-switch.ts";
export { type AgentOptions, type RunningAgent, runAgent } from "./run-agent.ts";
export { Refusal, Unreachable } from "./sync/control-plane-client.ts";
export { type Enrolment, enrolAgent } from "./sync/enrol-agent.ts";
