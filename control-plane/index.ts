export { type Config, readConfig, StartProblem } from "./config.ts";
export { createLog } from "./platform/http/log.ts";
export { type RunningControlPlane, startControlPlane } from "./start.ts";
