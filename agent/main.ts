import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { errorText, systemClock } from "@ionet/machine";
import { defaultCacheFolder } from "./environment/cache-folder.ts";
import { MachineProblem } from "./environment/machine-problem.ts";
import { AgentProblem, agentProblem } from "./identity/agent-problem.ts";
import { type Command, readArguments, USAGE } from "./read-arguments.ts";
import { runAgent } from "./run-agent.ts";
import { enrolAgent } from "./sync/enrol-agent.ts";
import type { AgentLog } from "./sync/sync-loop.ts";

const say = (level: string) => (context: object, message: string) =>
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...context })}\n`);
const log: AgentLog = { info: say("info"), warn: say("warn"), error: say("error") };

async function run(command: Extract<Command, { name: "run" }>): Promise<void> {
  const { name: _name, ...options } = command;
  const python = process.env.IONET_PYTHON;
  const agent = await runAgent({
    ...options,
    cacheFolder: defaultCacheFolder(process.env),
    ...(python ? { preferredPython: python } : {}),
    clock: systemClock,
    random: { bytes: (count) => randomBytes(count) },
    log,
  });
  const { terms } = options;
  log.info(
    {
      nodeId: agent.nodeId,
      priceMicroUsdPerGpuHour: terms?.priceMicroUsdPerGpuHour.toString() ?? null,
      country: terms?.country ?? null,
    },
    terms === null ? "the agent runs; without --price the node is not for hire" : "the agent runs",
  );
  const end = () => {
    agent.stop().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    );
  };
  process.on("SIGTERM", end);
  process.on("SIGINT", end);
}

async function enroll(command: Extract<Command, { name: "enroll" }>): Promise<void> {
  const { tokenFile } = command;
  const token =
    tokenFile === undefined ? process.env.IONET_ENROLMENT_TOKEN : await readFile(tokenFile, "utf8");
  if (!token?.trim()) {
    throw agentProblem("option-invalid", {
      field: "enrolment token",
      given: "nothing",
      allowed: "a file (--token-file) or the environment variable IONET_ENROLMENT_TOKEN",
      next: "Make a token with `ionet agent token`.",
    });
  }
  const { nodeId, supplier, supplierKind } = await enrolAgent({ ...command, token: token.trim() });
  log.info({ nodeId, supplier, supplierKind }, "the node is enrolled");
}

function fail(error: unknown): never {
  const isKnown = error instanceof AgentProblem || error instanceof MachineProblem;
  log.error(isKnown ? { code: error.code, ...error.context } : {}, errorText(error));
  process.exit(isKnown && error.code === "option-invalid" ? 2 : 1);
}

try {
  const command = readArguments(process.argv.slice(2), process.env);
  if (command.name === "help") process.stdout.write(`${USAGE}\n`);
  else if (command.name === "enroll") await enroll(command);
  else await run(command);
} catch (error) {
  fail(error);
}
